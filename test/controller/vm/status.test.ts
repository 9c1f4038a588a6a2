import { expect, test } from "vitest";
import type { Condition } from "../../../api/schema/condition.ts";
import type { Phase } from "../../../api/status/phases.ts";
import { FirstSeen } from "../../../controller/cache/first-seen.ts";
import { type SlimInstance, slimInstance } from "../../../controller/cache/slim-instance.ts";
import type { SlimMachineStatus } from "../../../controller/cache/slim-machine.ts";
import { instanceOf, isOutdated } from "../../../controller/vm/instance.ts";
import { type PrintableFacts, printableStatusOf } from "../../../controller/vm/printable-status.ts";
import { pendingRequests } from "../../../controller/vm/requests.ts";
import { run } from "../../../controller/vm/run.ts";
import {
  failureKey,
  type StartFailure,
  startDelay,
  startFailureOf,
  startsIn,
} from "../../../controller/vm/start-failure.ts";
import { statusOf, writeDelay } from "../../../controller/vm/status.ts";
import { aMachine, aSlimInstance, aSlimMachine, itsInstance } from "../builders.ts";
import { aWorld } from "../stage.ts";

const now = new Date("2026-01-01T10:00:00Z");

function printable(
  phase: Phase | undefined,
  conditions: Condition[] = [],
  facts: Partial<Omit<PrintableFacts, "instance">> & { deleted?: string } = {},
): string {
  const metadata = { name: "demo", ...(facts.deleted ? { deletionTimestamp: facts.deleted } : {}) };
  return printableStatusOf({
    machine: aSlimMachine(),
    startFailure: undefined,
    decision: { action: "none" },
    ...facts,
    instance: phase && aSlimInstance({ metadata, status: { phase, conditions } }),
  });
}

const deleted = now.toISOString();
const startFailure = { consecutiveFailCount: 1 };
const stopping = { action: "stop", instance: aSlimInstance() } as const;
const manual = aSlimMachine({ spec: { runStrategy: "Manual" } });
const isPaused: Condition = { type: "Paused", status: "True" };

const no = (type: string, reason: string, message = ""): Condition => ({ type, status: "False", reason, message });

test.for<[string, string]>([
  [printable(undefined), "Stopped"],
  [printable("Pending"), "Starting"],
  [printable("Scheduling", [no("PodScheduled", "Unschedulable", "0/1 nodes are available")]), "ErrorUnschedulable"],
  [
    printable("Scheduling", [no("PodScheduled", "Unschedulable", 'persistentvolumeclaim "x" not found')]),
    "ErrorPvcNotFound",
  ],
  [printable("Pending", [no("Synchronized", "FailedPvcNotFound")]), "ErrorPvcNotFound"],
  [
    printable("Scheduling", [no("PodScheduled", "Unschedulable", "pod has unbound immediate PersistentVolumeClaims")]),
    "WaitingForVolumeBinding",
  ],
  [printable("Scheduled", [no("Ready", "ErrImagePull")]), "ErrImagePull"],
  [printable("Scheduled", [no("Ready", "ErrImageNeverPull")]), "ErrImagePull"],
  [printable("Scheduled", [no("Ready", "ImagePullBackOff")]), "ImagePullBackOff"],
  [printable("Scheduled", [no("Ready", "CreateContainerError")]), "Starting"],
  [printable("Scheduled", [no("Synchronized", "SyncFailed")]), "CrashLoopBackOff"],
  [printable("Running", [no("Synchronized", "SyncFailed")]), "Running"],
  [printable("Pending", [no("Synchronized", "FailedCreate")]), "ErrorUnschedulable"],
  [printable("Pending", [no("Synchronized", "NetworkNotFound")]), "ErrorUnschedulable"],
  [printable("Running"), "Running"],
  [printable("Running", [isPaused]), "Paused"],
  [printable("Running", [no("Ready", "NodeNotReady")]), "Unknown"],
  [printable("Running", [isPaused, no("Ready", "NodeNotReady")]), "Unknown"],
  [printable("Unknown"), "Unknown"],
  [printable("Failed"), "Stopped"],
  [printable(undefined, [], { decision: { action: "start", paused: false } }), "Starting"],
  [printable(undefined, [], { decision: { action: "turnOn" } }), "Starting"],
  [printable("Running", [], { deleted }), "Stopping"],
  [printable("Running", [isPaused], { decision: stopping }), "Stopping"],
  [printable("Scheduling", [no("PodScheduled", "Unschedulable")], { deleted }), "Stopping"],
  [printable(undefined, [], { startFailure, decision: { action: "wait", after: 10 } }), "CrashLoopBackOff"],
  [printable("Failed", [], { startFailure, decision: stopping }), "CrashLoopBackOff"],
  [printable(undefined, [], { startFailure, machine: manual }), "Stopped"],
  [printable("Running", [], { machine: aSlimMachine({ metadata: { deletionTimestamp: deleted } }) }), "Terminating"],
])("a machine is %s", ([status, expected]) => {
  expect(status).toBe(expected);
});

test("the delay doubles from 10 seconds to 5 minutes", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100].map(startDelay)).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
});

test("an instance that failed before it ran counts once, and one that ran forgets them all", () => {
  const failed = aSlimInstance({ status: { phase: "Failed" } });
  const once = startFailureOf(undefined, failed, "Always", now);
  expect(once).toMatchObject({ consecutiveFailCount: 1, retryAfterTimestamp: "2026-01-01T10:00:10Z" });
  expect(startFailureOf(once, failed, "Always", now)).toBe(once);
  const another = aSlimInstance({ metadata: { name: "demo", uid: "another" }, status: { phase: "Failed" } });
  expect(startFailureOf(once, another, "Always", now)?.consecutiveFailCount).toBe(2);
  expect(startFailureOf(once, another, "Manual", now)).toBeUndefined();
  const ran = aSlimInstance({ status: { phase: "Failed", phaseTransitionTimestamps: [{ phase: "Running" }] } });
  expect(startFailureOf(once, ran, "Always", now)).toBeUndefined();
});

test.each([
  ["right", "2026-01-01T10:00:20Z"],
  ["an hour behind", "2026-01-01T09:00:20Z"],
  ["an hour ahead", "2026-01-01T11:00:20Z"],
])("a machine whose starts failed waits its delay where the clock of who wrote the time down was %s", (_, written) => {
  let clock = 5000;
  const firstSeen = new FirstSeen(() => clock);
  const failure = { consecutiveFailCount: 2, lastFailedVMIUID: "i", retryAfterTimestamp: written };
  const left = (): number => startsIn(failure, firstSeen.age(failureKey("m", failure)));
  expect(left()).toBe(20_000);
  clock += 15_000;
  expect(left()).toBe(5000);
  clock += 5000;
  expect(left()).toBe(0);
});

test("the delay of a failed start begins with the failure, not with the instance, and a next one begins anew", () => {
  let clock = 5000;
  const firstSeen = new FirstSeen(() => clock);
  const left = (uid: string, current?: StartFailure): number => {
    const failed = aSlimInstance({ metadata: { name: "demo", uid }, status: { phase: "Failed" } });
    const failure = startFailureOf(current, failed, "Always", now);
    return startsIn(failure, firstSeen.age(failureKey("m", failure)));
  };
  // The instance starts for a minute before it fails.
  const starting = aSlimInstance({ metadata: { name: "demo", uid: "i" }, status: { phase: "Scheduling" } });
  writeDelay({ machine: aSlimMachine(), instance: starting, firstSeen }, { printableStatus: "Starting" });
  clock += 60_000;
  expect(left("i")).toBe(10_000);
  clock += 10_000;
  expect(left("i")).toBe(0);
  expect(left("j", { consecutiveFailCount: 1, lastFailedVMIUID: "i" })).toBe(20_000);
  expect(startsIn(undefined, firstSeen.age(failureKey("m", undefined)))).toBe(0);
});

test("what is not so of a machine is absent from its status: clients wait until it is gone", () => {
  const findings = { decision: { action: "none" }, requests: [], startFailure: undefined, inForce: "Halted" } as const;
  const ready = aSlimInstance({ status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } });
  const running = statusOf({ machine: aSlimMachine(), instance: ready, now }, findings);
  expect(running).toMatchObject({ created: true, ready: true });
  for (const status of [running, { created: false, ready: false }]) {
    const stopped = statusOf({ machine: aSlimMachine({ status }), instance: undefined, now }, findings);
    expect(Object.keys(stopped).filter((name) => name === "created" || name === "ready")).toEqual([]);
  }
});

test("a status waits for the next word on a stop, unless the next look depends on it", () => {
  // By the API server's clock, whatever that is.
  const metadata = { name: "demo", uid: "i", deletionTimestamp: "2020-01-01T10:00:00Z" };
  const deleting = aSlimInstance({ metadata, status: { phase: "Running" } });
  type Status = SlimMachineStatus;
  let clock = 5000;
  const firstSeen = new FirstSeen(() => clock);
  const waits = (instance: SlimInstance | undefined, next: Status = {}, status: Status = {}): number =>
    writeDelay({ machine: aSlimMachine({ status }), instance, firstSeen }, { printableStatus: "Stopping", ...next });
  expect(waits(deleting)).toBe(1500);
  expect(waits(undefined)).toBe(0);
  expect(waits(deleting, { startFailure })).toBe(0);
  expect(waits(deleting, { stateChangeRequests: [{ action: "Start" }] })).toBe(0);
  expect(waits(deleting, { conditions: [{ type: "Failure", status: "True" }] })).toBe(0);
  expect(waits(deleting, { runStrategy: "Halted" }, { runStrategy: "Always" })).toBe(1500);
  expect(waits(deleting, { runStrategy: "Halted" }, { runStrategy: "Once" })).toBe(0);
  clock += 1500;
  expect(waits(deleting)).toBe(0);
});

test("requests are done one after the other", () => {
  const restart = [{ action: "Stop", uid: "i" } as const, { action: "Start" } as const];
  const running = aSlimInstance({ metadata: { name: "demo", uid: "i" }, status: { phase: "Running" } });
  const next = aSlimInstance({ metadata: { name: "demo", uid: "j" }, status: { phase: "Pending" } });
  expect(pendingRequests(restart, running, "Always")).toEqual(restart);
  expect(pendingRequests(restart, undefined, "Always")).toEqual([{ action: "Start" }]);
  expect(pendingRequests(restart, next, "Always")).toEqual([]);
  // Halted meanwhile, and halted before.
  expect(pendingRequests(restart, running, "Halted")).toEqual([{ action: "Stop", uid: "i" }]);
  expect(pendingRequests(restart, undefined, "Halted")).toEqual([]);
  const paused = { action: "Start", data: { paused: "true" } } as const;
  expect(pendingRequests([paused], undefined, "Halted")).toEqual([paused]);
  // A stop of whatever there is.
  expect(pendingRequests([{ action: "Stop" }], next, "Manual")).toEqual([{ action: "Stop" }]);
  expect(pendingRequests([{ action: "Stop" }], undefined, "Manual")).toEqual([]);
});

test("an instance knows the template that it was made from, however its fields are ordered", () => {
  const template = { spec: { domain: { memory: { guest: "1Gi" }, cpu: { cores: 2 } } } };
  const instance = instanceOf(aMachine({ spec: { template } }));
  const reordered = { spec: { domain: { cpu: { cores: 2 }, memory: { guest: "1Gi" } } } };
  expect(isOutdated(aSlimMachine({ spec: { template: reordered } }), slimInstance(instance))).toBe(false);
  const changed = { spec: { domain: { cpu: { cores: 4 }, memory: { guest: "1Gi" } } } };
  expect(isOutdated(aSlimMachine({ spec: { template: changed } }), slimInstance(instance))).toBe(true);
  expect(instance.spec.domain.firmware?.uuid).toBe(instanceOf(aMachine()).spec.domain.firmware?.uuid);
});

test("what others write of a machine's status is left alone", async () => {
  const volumeSnapshotStatuses = [{ name: "root", enabled: false, reason: "no snapshots" }];
  const status = { volumeSnapshotStatuses, ready: true, created: true };
  const world = await aWorld(aMachine({ spec: { runStrategy: "Manual" }, status }));
  await world.machine(run);
  const written = world.get(aMachine())?.status;
  expect(written).toMatchObject({ volumeSnapshotStatuses, printableStatus: "Stopped" });
  expect(Object.keys(written ?? {})).not.toContain("ready");
});

test("a machine that has changed meanwhile is told how it is at the next look", async () => {
  const world = await aWorld(aMachine(), itsInstance({ status: { phase: "Running" } }));
  const meanwhile = (): void => world.change(aMachine(), { status: { stateChangeRequests: [{ action: "Start" }] } });
  await expect(world.machine(run, { meanwhile })).rejects.toMatchObject({ isConflict: true });
  expect(world.get(aMachine())?.status).toEqual({ stateChangeRequests: [{ action: "Start" }] });
  await world.machine(run);
  expect(world.get(aMachine())?.status?.printableStatus).toBe("Running");
});

test("a machine that is told to be outdated is so until its instance is another one", async () => {
  const template = { spec: { domain: { memory: { guest: "1Gi" } } } };
  const world = await aWorld(aMachine({ metadata: { generation: 2 }, spec: { template } }));
  await world.machine(run);
  world.change(aMachine(), { metadata: { generation: 3 }, spec: { template: { spec: { hostname: "new" } } } });
  world.change(itsInstance(), { status: { phase: "Running" } });
  await world.machine(run);
  const outdated = expect.objectContaining({ type: "RestartRequired", status: "True", observedGeneration: 3 });
  expect(world.get(aMachine())?.status).toMatchObject({ observedGeneration: 2, desiredGeneration: 3 });
  expect(world.get(aMachine())?.status?.conditions).toContainEqual(outdated);
  world.remove(itsInstance());
  await world.machine(run);
  await world.machine(run, { knownFor: 2000 });
  expect(world.get(aMachine())?.status?.observedGeneration).toBe(3);
  expect(world.get(aMachine())?.status?.conditions).not.toContainEqual(outdated);
});
