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
import { startFailureOf, startsIn } from "./start-failure.ts";
import { decides, type Findings, mayWait, statusOf, writeStatus } from "./status.ts";
import { deleteInstance } from "./stop.ts";

/** Starts and stops a machine's instance, and tells how the machine is. */
export const run: MachineStage = async (context) => {
  const { machine, instance, stranger, sightings, now } = context;
  const strategy = runStrategyOf(machine.spec);
  const pending = pendingRequests(machine.status?.stateChangeRequests ?? [], instance, strategy);
  const failed = startFailureOf(machine.status?.startFailure, instance, strategy, now);
  const left = startsIn(failed, now, sightings.age(failed?.lastFailedVMIUID));
  const wanted = decide({ machine, instance, requests: pending, startsIn: left });
  // Starts that failed say nothing of a machine that is not to start, and of the next time that it is asked to.
  const startFailure = instance || wanted.action !== "none" ? failed : undefined;
  const decision: Decision = stranger ? { action: "none" } : wanted;
  const isDue = wanted.action === "start" || wanted.action === "wait";
  const requests = strategy === "RerunOnFailure" ? withRerun(pending, isDue, context) : pending;
  // Once is in force when it has had its one start.
  const inForce = strategy === "Once" && isDue ? machine.status?.runStrategy : strategy;
  // Of a machine that is not to start nothing fails.
  const failure = wanted.action === "none" ? undefined : inTheWay(context);
  const findings = { decision, requests, startFailure, inForce, failure };
  switch (decision.action) {
    case "stop": {
      // First what has to be known when the instance is gone: that it failed, and that there is to be another one.
      const next = statusOf(context, findings);
      if (decides(context, next)) await writeStatus(context, next);
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
  const left = mayWait(context, next);
  if (left > 0) return { after: left };
  await writeStatus(context, next);
  return decision.action === "wait" ? { after: decision.after } : "done";
}

/** The status comes with the next reconcile, which the new instance brings about. */
async function begin(context: MachineContext, findings: Findings, paused: boolean): Promise<Outcome> {
  try {
    await start(context, paused);
    return "done";
  } catch (error) {
    if (!(error instanceof ApiError) || error.isConflict || error.code === 429 || error.code >= 500) throw error;
    if (error.isNotFound) throw error;
    context.events.notStarted(context.machine, error.message);
    const failure = { reason: "FailedCreate", message: error.message };
    // The finalizer may have been written meanwhile.
    const machine = context.cache.machines.store.get(keyOf(context.machine))?.slim ?? context.machine;
    const current = { ...context, machine };
    await writeStatus(current, statusOf(current, { ...findings, failure }));
    if (error.isInvalid) throw new TerminalError("creating the instance", { cause: error });
    throw new Error("creating the instance", { cause: error });
  }
}

/**
 * With RerunOnFailure a request is what remembers that there is to be an instance: when one that has failed is gone, and
 * when it cannot be made yet.
 */
function withRerun(
  requests: readonly StateChangeRequest[],
  isDue: boolean,
  { instance }: MachineContext,
): StateChangeRequest[] {
  const failed = instance?.status?.phase === "Failed" && instance.metadata.deletionTimestamp === undefined;
  return (failed || isDue) && requests.length === 0 ? [{ action: "Start" }] : [...requests];
}

function inTheWay({ stranger }: MachineContext): { reason: string; message: string } | undefined {
  // One on its way out is waited for.
  if (!stranger || stranger.metadata.deletionTimestamp !== undefined) return undefined;
  return {
    reason: "FailedCreate",
    message: `the virtual machine instance ${stranger.metadata.name} is there and not controlled by this virtual machine`,
  };
}
