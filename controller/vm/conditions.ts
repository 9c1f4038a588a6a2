import { conditionReasons } from "../../api/condition-types.ts";
import { conditionOf, isTrue, type NewCondition, removeCondition, setCondition } from "../../api/conditions.ts";
import { isFinal } from "../../api/phases.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import type { Condition } from "../../api/schema/condition.ts";
import { isOutdated } from "./instance.ts";

export interface ConditionFacts {
  readonly machine: VirtualMachine;
  readonly instance: VirtualMachineInstance | undefined;
  /** Why the last attempt to make or delete the instance failed. */
  readonly failure: { reason: string; message: string } | undefined;
  readonly now: Date;
}

/** The conditions of a machine. */
export function conditionsOf({ machine, instance, failure, now }: ConditionFacts): Condition[] {
  let conditions: readonly Condition[] = machine.status?.conditions ?? [];
  const set = (condition: NewCondition): void => {
    conditions = setCondition(conditions, condition, now);
  };
  const unset = (type: string): void => {
    conditions = removeCondition(conditions, type);
  };
  set(ready(instance));
  const paused = conditionOf(instance?.status?.conditions, "Paused");
  if (paused && isTrue(instance?.status?.conditions, "Paused")) set(mirrored(paused));
  else unset("Paused");
  if (failure) set({ type: "Failure", status: "True", ...failure });
  else unset("Failure");
  if (instance && !isFinal(instance.status?.phase) && isOutdated(machine, instance)) set(restartRequired);
  else unset("RestartRequired");
  return [...conditions];
}

const restartRequired: NewCondition = {
  type: "RestartRequired",
  status: "True",
  reason: "TemplateChanged",
  message: "the template has changed since the instance was made from it; it takes effect with a restart",
};

const notReady: NewCondition = {
  type: "Ready",
  status: "False",
  reason: conditionReasons.instanceNotExists,
  message: "VMI does not exist",
};

/** Whether the guest is ready, as its instance says. */
function ready(instance: VirtualMachineInstance | undefined): NewCondition {
  if (!instance) return notReady;
  const condition = conditionOf(instance.status?.conditions, "Ready");
  if (condition) return mirrored(condition);
  return {
    type: "Ready",
    status: "False",
    reason: conditionReasons.guestNotRunning,
    message: "Guest VM is not reported as running",
  };
}

function mirrored({ type, status, reason, message }: Condition): NewCondition {
  return {
    type,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}
