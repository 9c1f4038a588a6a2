import type { JsonPatchOperation } from "../../api/kube/client/client.ts";
import type { StatusError } from "../../api/serving/status-error.ts";
import { isFinal } from "../../api/status/phases.ts";
import { type RunStrategy, runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import { badRequest, conflict } from "./refusals.ts";

/**
 * What is to be written so that a machine starts or stops. Every patch tests what it was made from, so that it fails
 * when somebody else was quicker.
 */
export interface MachineChange {
  /** Of the machine, or of its status. */
  readonly patch: readonly JsonPatchOperation[];
  readonly subresource?: "status";
  /** Of the machine's status, before the patch: it takes back a start that is still to come. */
  readonly withdrawal?: readonly JsonPatchOperation[];
  /** A grace period in seconds that the instance is given before the patch. */
  readonly gracePeriod?: number;
}

type Instance = SlimInstance | undefined;
type Request = { action: "Start" | "Stop"; uid?: string; data?: Record<string, string> };

/** Throws a 409 when it can't be started now. `paused`: its guest does not run yet when it is there. */
export function startChange(machine: SlimMachine, instance: Instance, { paused = false } = {}): MachineChange {
  const strategy = runStrategyOf(machine.spec);
  const phase = instance?.status?.phase;
  if (instance && !isFinal(phase) && phase !== "Unknown") throw refusal(machine, "VM is already running");
  if (strategy === "Always" || strategy === "Once") {
    throw refusal(machine, `${strategy} does not support manual start requests`);
  }
  if (strategy === "Halted" && !paused) return strategyChange(machine, "Always");
  if (strategy === "RerunOnFailure" && phase === "Failed") {
    throw refusal(machine, `${strategy} does not support starting VM from failed state`);
  }
  const start: Request = paused ? { action: "Start", data: { paused: "true" } } : { action: "Start" };
  // One that has ended is in the way of the next.
  return requests(machine, instance ? [stop(instance), start] : [start]);
}

/** Throws a 409 when there is nothing to stop. A grace period is that of the running instance, in seconds. */
export function stopChange(machine: SlimMachine, instance: Instance, gracePeriod?: number): MachineChange {
  const strategy = runStrategyOf(machine.spec);
  const running = instance && !isFinal(instance.status?.phase) ? instance : undefined;
  const grace = running && gracePeriod !== undefined ? { gracePeriod } : {};
  // Also without an instance: it would be made again, or made at last.
  if (strategy === "Always" || strategy === "Once") {
    // One that is to be paused would turn the halted machine on again.
    const withdrawal = isToStart(machine) ? { withdrawal: requests(machine, [{ action: "Stop" }]).patch } : {};
    return { ...strategyChange(machine, "Halted"), ...withdrawal, ...grace };
  }
  if (!running) {
    if (strategy === "Halted" || !isToStart(machine)) throw refusal(machine, "VM is not running");
    // Of whatever instance there is: it may have been made a moment ago, and one that has ended is of no use any more.
    return requests(machine, [{ action: "Stop" }]);
  }
  if (strategy === "Halted") {
    const present = running.terminationGracePeriodSeconds ?? 0;
    if (gracePeriod === undefined || gracePeriod >= present) {
      throw refusal(machine, `${strategy} only supports manual stop requests with a shorter graceperiod`);
    }
    return { patch: [], gracePeriod };
  }
  return { ...requests(machine, [stop(running)]), ...grace };
}

/** Throws a 409 when it does not run, a 400 for a grace period other than 0, which means at once. */
export function restartChange(machine: SlimMachine, instance: Instance, gracePeriod?: number): MachineChange {
  if (gracePeriod !== undefined && gracePeriod !== 0) {
    throw badRequest(
      `gracePeriodSeconds: ${gracePeriod} is not supported; the only value is 0, which restarts without a shutdown`,
    );
  }
  const strategy = runStrategyOf(machine.spec);
  if (strategy === "Halted" || strategy === "Once") {
    throw refusal(machine, `${strategy} does not support manual restart requests`);
  }
  if (!instance || isFinal(instance.status?.phase)) throw refusal(machine, "VM is not running");
  return {
    ...requests(machine, [stop(instance), { action: "Start" }]),
    ...(gracePeriod === undefined ? {} : { gracePeriod }),
  };
}

/** Whether a start is due, as after failures or while something is in its way. */
function isToStart({ status }: SlimMachine): boolean {
  return status?.stateChangeRequests?.[0]?.action === "Start";
}

function refusal({ metadata: { name = "" } }: SlimMachine, reason: string): StatusError {
  return conflict("virtualmachine", name, reason);
}

function stop({ metadata: { uid = "" } }: SlimInstance): Request {
  return { action: "Stop", uid };
}

/** Sets the run strategy in the form that the machine has it in. */
function strategyChange({ spec }: SlimMachine, strategy: RunStrategy): MachineChange {
  const [field, next] = spec.running === undefined ? ["runStrategy", strategy] : ["running", strategy === "Always"];
  const path = `/spec/${field}`;
  const present = spec.running ?? spec.runStrategy;
  // A machine that names neither is halted; the API server knows the absent as null.
  const guard: JsonPatchOperation = { op: "test", path, value: present ?? null };
  return { patch: [guard, { op: present === undefined ? "add" : "replace", path, value: next }] };
}

/** Enters requests for the controller; a request to stop takes the place of one to start that is not done yet. */
function requests(machine: SlimMachine, asked: readonly Request[]): MachineChange {
  const present = machine.status?.stateChangeRequests;
  const pending = present ?? [];
  if (pending.length > 0 && !(asked[0]?.action === "Stop" && pending[0]?.action === "Start")) {
    throw refusal(machine, "unable to complete request: stop/start already underway");
  }
  // Each machine has a status, by its definition; the API server knows the absent as null.
  const path = "/status/stateChangeRequests";
  const guard: JsonPatchOperation = { op: "test", path, value: present ?? null };
  return { subresource: "status", patch: [guard, { op: "add", path, value: asked }] };
}
