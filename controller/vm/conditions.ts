import type { Condition } from "../../api/schema/condition.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import { conditionOf, type NewCondition, removeCondition, setCondition } from "../../api/status/conditions.ts";
import { isFinal } from "../../api/status/phases.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import { isOutdated } from "./instance.ts";
import type { StartFailure } from "./start-failure.ts";

export interface ConditionFacts {
  readonly machine: SlimMachine;
  readonly instance: SlimInstance | undefined;
  /** The failure of the last attempt to make or delete the instance. */
  readonly failure: { reason: string; message: string } | undefined;
  /** Failed starts that will be retried. */
  readonly startFailure: StartFailure | undefined;
  readonly now: Date;
}

/** The machine's own conditions; all others come from its instance. */
const own: ReadonlySet<string> = new Set(["Ready", "Failure", "RestartRequired"]);

/** The conditions of a machine: its own, and copies of its instance's, by which clients wait for a machine's guest. */
export function conditionsOf(facts: ConditionFacts): Condition[] {
  const { machine, instance, failure, now } = facts;
  let conditions: readonly Condition[] = machine.status?.conditions ?? [];
  const set = (condition: NewCondition): void => {
    conditions = setCondition(conditions, condition, now);
  };
  const unset = (type: string): void => {
    conditions = removeCondition(conditions, type);
  };
  const shown = (instance?.status?.conditions ?? []).filter(({ type }) => !own.has(type));
  set(ready(facts));
  for (const condition of shown) set(mirrored(condition));
  for (const { type } of conditions) if (!own.has(type) && !conditionOf(shown, type)) unset(type);
  if (failure) set({ type: "Failure", status: "True", ...failure });
  else unset("Failure");
  if (instance && !isFinal(instance.status?.phase) && isOutdated(machine, instance)) set(restartRequired);
  else unset("RestartRequired");
  const { generation: observedGeneration } = machine.metadata;
  return conditions.map((condition) => ({ ...condition, observedGeneration }));
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

/**
 * Whether the guest is ready, from its instance. If the instance knows why the guest does not run, that is the reason.
 * After an instance has ended, the cause stays until there is another one.
 */
function ready({ machine, instance, startFailure }: ConditionFacts): NewCondition {
  if (!instance) {
    const last = conditionOf(machine.status?.conditions, "Ready");
    return startFailure && last?.status === "False" ? mirrored(last) : notReady;
  }
  const { phase, reason: end, conditions } = instance.status ?? {};
  const condition = conditionOf(conditions, "Ready");
  if (condition && condition.reason !== conditionReasons.guestNotRunning) return mirrored(condition);
  const cause = phase === "Running" ? undefined : obstacleIn(conditions);
  return {
    type: "Ready",
    status: "False",
    reason: cause?.reason ?? conditionReasons.guestNotRunning,
    message:
      (isFinal(phase) ? end : undefined) ??
      cause?.message ??
      condition?.message ??
      "Guest VM is not reported as running",
  };
}

/** The obstacle to the guest's start among an instance's conditions. */
function obstacleIn(conditions: readonly Condition[] | undefined): Condition | undefined {
  const types = ["Synchronized", "Provisioning", "DataVolumesReady", "PodScheduled"];
  return types.map((type) => conditionOf(conditions, type)).find((condition) => condition?.status === "False");
}

function mirrored({ type, status, reason, message }: Condition): NewCondition {
  return {
    type,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}
