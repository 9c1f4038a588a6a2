import { ApiError, TerminalError } from "../../api/kube/client/errors.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import { keyOf } from "../../api/kube/resources/object.ts";
import type { StateChangeRequest } from "../../api/schema/virtual-machine.ts";
import { conditionOf } from "../../api/status/conditions.ts";
import { runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { MachineContext, MachineStage } from "./context.ts";
import { pendingRequests } from "./requests.ts";
import { type Decision, decide } from "./run-strategy.ts";
import { start, turnOn } from "./start.ts";
import { failureKey, startFailureOf, startsIn } from "./start-failure.ts";
import { type Findings, mustWriteFirst, statusOf, writeDelay, writeStatus } from "./status.ts";
import { deleteInstance } from "./stop.ts";

/** Starts and stops a machine's instance, and writes the machine's status. */
export const run: MachineStage = async (context) => {
  const { machine, instance, foreignInstance, firstSeen, now } = context;
  const strategy = runStrategyOf(machine.spec);
  const pending = pendingRequests(machine.status?.stateChangeRequests ?? [], instance, strategy);
  const failed = startFailureOf(machine.status?.startFailure, instance, strategy, now);
  const left = startsIn(failed, firstSeen.age(failureKey(machine.metadata.uid, failed)));
  const wanted = decide({ machine, instance, requests: pending, startsIn: left });
  // The count of failed starts, which delays the next start. A machine that must not start begins anew.
  const startFailure = instance || wanted.action !== "none" ? failed : undefined;
  const decision: Decision = foreignInstance ? { action: "none" } : wanted;
  const isDue = wanted.action === "start" || wanted.action === "wait";
  const requests = strategy === "RerunOnFailure" ? withStartAfterFailure(pending, isDue, context) : pending;
  // The status shows Once only after its one start.
  const inForce = strategy === "Once" && isDue ? machine.status?.runStrategy : strategy;
  // The obstacle that the condition Failure names now.
  const failure = wanted.action === "none" ? undefined : inTheWay(context);
  const findings = { decision, requests, startFailure, inForce, failure };
  switch (decision.action) {
    case "stop": {
      // First write what must be known after the instance is gone: that it failed, and that another one must start.
      const next = statusOf(context, findings);
      if (mustWriteFirst(context, next)) await writeStatus(context, next);
      await deleteInstance(context, decision.instance);
      return "done";
    }
    case "turnOn":
      await turnOn(context);
      return "done";
    case "start":
      return begin(context, findings, decision.paused);
    case "wait":
    case "none":
      break;
  }
  return tell(context, findings);
};

async function tell(context: MachineContext, findings: Findings): Promise<Outcome> {
  const { decision, failure } = findings;
  if (failure && !conditionOf(context.machine.status?.conditions, "Failure")) {
    context.events.notStarted(context.machine, failure.message);
  }
  const next = statusOf(context, findings);
  const left = writeDelay(context, next);
  if (left > 0) return { after: left };
  await writeStatus(context, next);
  return decision.action === "wait" ? { after: decision.after } : "done";
}

/** Starts the instance. The next reconcile, which the new instance triggers, writes the status. */
async function begin(context: MachineContext, findings: Findings, paused: boolean): Promise<Outcome> {
  try {
    await start(context, paused);
    return "done";
  } catch (error) {
    if (!(error instanceof ApiError) || error.isConflict || error.code === 429 || error.code >= 500) throw error;
    if (error.isNotFound) throw error;
    context.events.notStarted(context.machine, error.message);
    const failure = { reason: "FailedCreate", message: error.message };
    // `start` may have written the finalizer meanwhile.
    const machine = context.cache.machines.store.get(keyOf(context.machine))?.slim ?? context.machine;
    const current = { ...context, machine };
    await writeStatus(current, statusOf(current, { ...findings, failure }));
    if (error.isInvalid) throw new TerminalError("creating the instance", { cause: error });
    throw new Error("creating the instance", { cause: error });
  }
}

/**
 * With RerunOnFailure a request records that an instance must start: after a failed one is gone, and while a new one
 * cannot be made yet.
 */
function withStartAfterFailure(
  requests: readonly StateChangeRequest[],
  isDue: boolean,
  { instance }: MachineContext,
): StateChangeRequest[] {
  const failed = instance?.status?.phase === "Failed" && instance.metadata.deletionTimestamp === undefined;
  return (failed || isDue) && requests.length === 0 ? [{ action: "Start" }] : [...requests];
}

function inTheWay({ foreignInstance }: MachineContext): { reason: string; message: string } | undefined {
  // Wait until a terminating instance is gone.
  if (!foreignInstance || foreignInstance.metadata.deletionTimestamp !== undefined) return undefined;
  return {
    reason: "FailedCreate",
    message: `the virtual machine instance ${foreignInstance.metadata.name} exists and does not belong to this virtual machine`,
  };
}
