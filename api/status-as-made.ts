import { conditionReasons } from "./condition-types.ts";
import type { NewCondition } from "./conditions.ts";
import type { VirtualMachineStatus } from "./schema/virtual-machine.ts";

/** How ready a machine is that has no instance. */
export const notReady = {
  type: "Ready",
  status: "False",
  reason: conditionReasons.instanceNotExists,
  message: "VMI does not exist",
} as const satisfies NewCondition;

/** What an API server tells of a machine until the controller has more to tell: the default in its definition. */
export const statusAsMade: VirtualMachineStatus = {
  printableStatus: "Stopped",
  created: false,
  ready: false,
  conditions: [notReady],
};
