import type { JsonPatchOperation } from "../../api/kube/client/client.ts";
import type { StatusError } from "../../api/serving/status-error.ts";
import { isFinal } from "../../api/status/phases.ts";
import { type RunStrategy, runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import { badRequest, conflict } from "./refusals.ts";

/**
 * The writes that start or stop a machine. Every patch tests the state that it was made from, so that it fails when
 * another client was quicker.
 */
export interface MachineChange {
  /** A patch of the machine, or of its status. */
  readonly patch: readonly JsonPatchOperation[];
  readonly subresource?: "status";
  /** A patch of the machine's status before `patch`: it withdraws a pending start. */
  readonly withdrawal?: readonly JsonPatchOperation[];
  /** A grace period in seconds, which is written to the instance before the patch. */
  readonly gracePeriod?: number;
}

type Instance = SlimInstance | undefined;
type Request = { action: "Start" | "Stop"; uid?: string; data?: Record<string, string> };

/** Throws a 409 when the machine can't be started now. `paused`: the guest starts paused. */
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
  // An instance that has ended must go before the next one.
  return requests(machine, instance ? [stop(instance), start] : [start]);
}

/** Throws a 409 when there is nothing to stop. The grace period is for the running instance, in seconds. */
export function stopChange(machine: SlimMachine, instance: Instance, gracePeriod?: number): MachineChange {
  const strategy = runStrategyOf(machine.spec);
  const running = instance && !isFinal(instance.status?.phase) ? instance : undefined;
  const grace = running && gracePeriod !== undefined ? { gracePeriod } : {};
  // Also without an instance: the controller would make one, now or later.
  if (strategy === "Always" || strategy === "Once") {
    // A pending request to start paused would turn the halted machine on again.
    const withdrawal = isToStart(machine) ? { withdrawal: requests(machine, [{ action: "Stop" }]).patch } : {};
    return { ...strategyChange(machine, "Halted"), ...withdrawal, ...grace };
  }
  if (!running) {
    if (strategy === "Halted" || !isToStart(machine)) throw refusal(machine, "VM is not running");
    // Without a UID, so for any instance: one may be new, and one that has ended is not needed.
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

/** Throws a 409 when the machine does not run, and a 400 for a grace period other than 0, which means at once. */
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

/** Whether a start is pending, as after failures or while something blocks it. */
function isToStart({ status }: SlimMachine): boolean {
  return status?.stateChangeRequests?.[0]?.action === "Start";
}

function refusal({ metadata: { name = "" } }: SlimMachine, reason: string): StatusError {
  return conflict("virtualmachine", name, reason);
}

function stop({ metadata: { uid = "" } }: SlimInstance): Request {
  return { action: "Stop", uid };
}

/** Sets the run strategy in the field that the machine uses. */
function strategyChange({ spec }: SlimMachine, strategy: RunStrategy): MachineChange {
  const [field, next] = spec.running === undefined ? ["runStrategy", strategy] : ["running", strategy === "Always"];
  const path = `/spec/${field}`;
  const present = spec.running ?? spec.runStrategy;
  // A machine with neither field is halted. In a patch's test the API server treats a missing field as null.
  const guard: JsonPatchOperation = { op: "test", path, value: present ?? null };
  return { patch: [guard, { op: present === undefined ? "add" : "replace", path, value: next }] };
}

/** Adds requests for the controller; a request to stop replaces a pending request to start. */
function requests(machine: SlimMachine, asked: readonly Request[]): MachineChange {
  const present = machine.status?.stateChangeRequests;
  const pending = present ?? [];
  if (pending.length > 0 && !(asked[0]?.action === "Stop" && pending[0]?.action === "Start")) {
    throw refusal(machine, "unable to complete request: stop/start already underway");
  }
  // Each machine has a status, by its definition. In a patch's test the API server treats a missing field as null.
  const path = "/status/stateChangeRequests";
  const guard: JsonPatchOperation = { op: "test", path, value: present ?? null };
  return { subresource: "status", patch: [guard, { op: "add", path, value: asked }] };
}
