import { describe, expect, test } from "vitest";
import { finalizers } from "../../../api/contract/labels.ts";
import type { Outcome } from "../../../api/kube/controller/controller.ts";
import type { VirtualMachine } from "../../../api/resources.ts";
import type { Condition } from "../../../api/schema/condition.ts";
import type { VirtualMachineStatus } from "../../../api/schema/virtual-machine.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import type { RunStrategy } from "../../../api/status/virtual-machine-states.ts";
import { run } from "../../../controller/vm/run.ts";
import { aMachine, itsInstance } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld, type Look, type World } from "../stage.ts";

const instance = itsInstance();
const { uid } = instance.metadata;
const running = itsInstance({ status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } });
/** It has failed before it ran. */
const failed = itsInstance({ status: { phase: "Failed" } });
const ran = [{ phase: "Running" as const, phaseTransitionTimestamp: apiTime }];

/** A machine that is held already. */
function machineWith(runStrategy: RunStrategy, status?: VirtualMachineStatus): VirtualMachine {
  const metadata = { finalizers: [finalizers.machine] };
  return aMachine({ metadata, spec: { runStrategy }, ...(status ? { status } : {}) });
}

const statusOf = (world: World) => world.get(aMachine())?.status;
const failureOf = (world: World) => conditionOf(statusOf(world)?.conditions, "Failure");
const isLeaving = (world: World) => world.get(instance)?.metadata.deletionTimestamp !== undefined;

/** Looks again, and says what that came to and whether anything has changed. */
async function again(world: World, look?: Look): Promise<[Outcome | undefined, readonly string[]]> {
  return [await world.machine(run, look), world.changed];
}

describe("a machine that is not to run", () => {
  test.for(["Halted", "Manual"] as const)("with %s is told to be stopped, once", async (strategy) => {
    const world = await aWorld(machineWith(strategy));
    expect(await world.machine(run)).toBe("done");
    expect(world.get(instance)).toBeUndefined();
    expect(statusOf(world)).toMatchObject({ printableStatus: "Stopped", runStrategy: strategy, desiredGeneration: 1 });
    expect(world.unseen).toEqual([]);
    expect(await again(world)).toEqual(["done", []]);
  });

  test("and was halted while it ran has its instance deleted, once", async () => {
    const world = await aWorld(machineWith("Halted"), running);
    expect(await world.machine(run)).toBe("done");
    expect(isLeaving(world)).toBe(true);
    expect(world.told).toEqual([expect.stringMatching(/Normal SuccessfulDelete: Stopped the virtual machine/)]);
    expect(statusOf(world)).toBeUndefined();
    expect(await again(world)).toEqual([{ after: 1500 }, []]);
    expect(await world.machine(run, { knownFor: 1500 })).toBe("done");
    expect(statusOf(world)?.printableStatus).toBe("Stopping");
    expect(await again(world, { knownFor: 1500 })).toEqual(["done", []]);
  });

  test.for([
    [{ runStrategy: "Halted" }, { runStrategy: "Always" }],
    [{ running: false, runStrategy: undefined }, { running: true }],
  ] as const)("and is asked for a paused start is turned on in the form that it has: %j", async ([given, turnedOn]) => {
    const request = { action: "Start" as const, data: { paused: "true" } };
    const world = await aWorld(aMachine({ spec: given, status: { stateChangeRequests: [request] } }));
    expect(await world.machine(run)).toBe("done");
    expect(world.get(aMachine())?.spec).toMatchObject(turnedOn);
    expect(world.get(aMachine())?.spec).not.toHaveProperty("running" in turnedOn ? "runStrategy" : "running");
    expect(world.get(instance)).toBeUndefined();
    await world.machine(run);
    expect(world.get(instance)?.spec.startStrategy).toBe("Paused");
    expect(statusOf(world)?.stateChangeRequests).toEqual([request]);
    await world.machine(run);
    expect(statusOf(world)?.stateChangeRequests).toBeUndefined();
  });
});

test("a halted machine that is given another strategy meanwhile is not turned on", async () => {
  const stateChangeRequests = [{ action: "Start" as const, data: { paused: "true" } }];
  const world = await aWorld(machineWith("Halted", { stateChangeRequests }));
  const meanwhile = (): void => world.change(aMachine(), { spec: { runStrategy: "Manual" } });
  await expect(world.machine(run, { meanwhile })).rejects.toMatchObject({ isConflict: true });
  expect(world.get(aMachine())?.spec.runStrategy).toBe("Manual");
});

describe("a machine that is to run always", () => {
  test("gets an instance, and is told that it starts when that takes long", async () => {
    const world = await aWorld(machineWith("Always"));
    expect(await world.machine(run)).toBe("done");
    expect(world.get(instance)?.metadata.ownerReferences).toMatchObject([{ uid: "m-1", controller: true }]);
    expect(world.told).toEqual([expect.stringMatching(/VirtualMachine Normal SuccessfulCreate: Started/)]);
    expect(world.unseen).toEqual([]);
    expect(statusOf(world)).toBeUndefined();
    expect(await again(world)).toEqual([{ after: 2000 }, []]);
    expect(await world.machine(run, { knownFor: 2000 })).toBe("done");
    expect(statusOf(world)).toMatchObject({ printableStatus: "Starting", created: true, observedGeneration: 1 });
    expect(await again(world, { knownFor: 2000 })).toEqual(["done", []]);
  });

  test("is told at once, and once, that its guest is ready", async () => {
    const world = await aWorld(machineWith("Always"), running);
    expect(await world.machine(run)).toBe("done");
    expect(statusOf(world)).toMatchObject({
      printableStatus: "Running",
      created: true,
      ready: true,
      runStrategy: "Always",
    });
    expect(world.unseen).toEqual([]);
    expect(await again(world)).toEqual(["done", []]);
  });

  test("has its failed start written down before the instance goes, and the next one waits", async () => {
    const world = await aWorld(machineWith("Always"), failed);
    world.api.refuse("DELETE virtualmachineinstances", 500, "no etcd");
    await expect(world.machine(run)).rejects.toMatchObject({ code: 500 });
    const startFailure = {
      consecutiveFailCount: 1,
      lastFailedVMIUID: uid,
      retryAfterTimestamp: "2026-01-01T10:00:19Z",
    };
    expect(statusOf(world)?.startFailure).toEqual(startFailure);
    await world.machine(run);
    expect(isLeaving(world)).toBe(true);
    world.remove(instance);
    expect(await world.machine(run)).toEqual({ after: 10_000 });
    expect(world.get(instance)).toBeUndefined();
    expect(statusOf(world)).toMatchObject({ printableStatus: "CrashLoopBackOff", startFailure });
    expect(await again(world, { knownFor: 4000 })).toEqual([{ after: 6000 }, []]);
    await world.machine(run, { knownFor: 10_000 });
    expect(world.get(instance)).toBeDefined();
  });

  test("starts anew at once when its guest has run", async () => {
    const ended = itsInstance({ status: { phase: "Succeeded", phaseTransitionTimestamps: ran } });
    const world = await aWorld(machineWith("Always", { startFailure: { consecutiveFailCount: 3 } }), ended);
    await world.machine(run);
    expect(statusOf(world)).not.toHaveProperty("startFailure");
    world.remove(instance);
    await world.machine(run);
    expect(world.get(instance)?.metadata.uid).not.toBe(uid);
  });

  test("and is restarted has its instance deleted, and then another one, and is asked nothing more", async () => {
    const restart = [{ action: "Stop" as const, uid: uid! }, { action: "Start" as const }];
    const world = await aWorld(machineWith("Always", { stateChangeRequests: restart, runStrategy: "Always" }), running);
    await world.machine(run);
    expect(isLeaving(world)).toBe(true);
    expect(statusOf(world)?.stateChangeRequests).toEqual(restart);
    world.remove(instance);
    await world.machine(run);
    const next = world.get(instance);
    expect(next?.metadata.uid).not.toBe(uid);
    await world.machine(run);
    expect(statusOf(world)).not.toHaveProperty("stateChangeRequests");
    expect(world.get(instance)).toBe(next);
  });
});

describe("a machine that is rerun on failure", () => {
  const rerun = (more: VirtualMachineStatus = {}): VirtualMachine =>
    machineWith("RerunOnFailure", { runStrategy: "RerunOnFailure", ...more });

  test("remembers that it is to start, until it has", async () => {
    const world = await aWorld(rerun(), failed);
    await world.machine(run);
    expect(isLeaving(world)).toBe(true);
    expect(statusOf(world)?.stateChangeRequests).toEqual([{ action: "Start" }]);
    world.remove(instance);
    expect(await world.machine(run)).toEqual({ after: 10_000 });
    await world.machine(run, { knownFor: 10_000 });
    expect(world.get(instance)).toBeDefined();
    await world.machine(run);
    expect(statusOf(world)).not.toHaveProperty("stateChangeRequests");
  });

  test("remembers it as well when its first instance is refused", async () => {
    const world = await aWorld(machineWith("RerunOnFailure"));
    world.api.refuse("POST virtualmachineinstances", 403, "exceeded quota");
    await expect(world.machine(run)).rejects.toThrow("creating the instance");
    expect(statusOf(world)).toMatchObject({
      runStrategy: "RerunOnFailure",
      stateChangeRequests: [{ action: "Start" }],
    });
    await world.machine(run);
    expect(world.get(instance)).toBeDefined();
  });

  test("starts as it was asked to, where it was asked", async () => {
    const stateChangeRequests = [{ action: "Start" as const, data: { paused: "true" } }];
    const world = await aWorld(rerun({ stateChangeRequests }), failed);
    await world.machine(run);
    expect(statusOf(world)?.stateChangeRequests).toEqual(stateChangeRequests);
  });

  test("starts no more when its guest has ended well, and forgets the starts that failed", async () => {
    const ended = itsInstance({ status: { phase: "Succeeded", phaseTransitionTimestamps: ran } });
    const world = await aWorld(rerun(), ended);
    await world.machine(run);
    world.remove(instance);
    world.change(aMachine(), { status: { startFailure: { consecutiveFailCount: 1 } } });
    expect(await world.machine(run)).toBe("done");
    expect(world.get(instance)).toBeUndefined();
    expect(statusOf(world)?.printableStatus).toBe("Stopped");
    expect(statusOf(world)).not.toHaveProperty("startFailure");
  });

  test("starts no more when somebody has deleted its instance, however that ends", async () => {
    const metadata = { finalizers: [finalizers.instance], deletionTimestamp: apiTime };
    const world = await aWorld(rerun(), itsInstance({ metadata, status: { phase: "Failed" } }));
    await world.machine(run, { knownFor: 1500 });
    expect(statusOf(world)).not.toHaveProperty("stateChangeRequests");
    world.remove(instance);
    await world.machine(run);
    expect(world.get(instance)).toBeUndefined();
  });
});

test("a machine that runs once has had its start when there is an instance, which is kept when it has ended", async () => {
  const world = await aWorld(machineWith("Once"));
  await world.machine(run);
  expect(statusOf(world)).toBeUndefined();
  await world.machine(run);
  expect(statusOf(world)?.runStrategy).toBe("Once");
  world.change(instance, { status: { phase: "Succeeded", phaseTransitionTimestamps: ran } });
  await world.machine(run);
  expect(isLeaving(world)).toBe(false);
  expect(statusOf(world)?.printableStatus).toBe("Stopped");
  world.remove(instance);
  await world.machine(run);
  expect(world.get(instance)).toBeUndefined();
});

test("a machine that runs once, and whose instance is refused, has not had its start", async () => {
  const world = await aWorld(machineWith("Once"));
  world.api.refuse("POST virtualmachineinstances", 403, "exceeded quota");
  await expect(world.machine(run)).rejects.toThrow("creating the instance");
  expect(statusOf(world)).not.toHaveProperty("runStrategy");
  await world.machine(run);
  expect(world.get(instance)).toBeDefined();
});

describe("a machine in whose way there is an instance of its name", () => {
  const stranger = itsInstance({ metadata: { ownerReferences: [], labels: {} } });
  const message = "the virtual machine instance demo exists and does not belong to this virtual machine";

  test("gets none, and is told so, once", async () => {
    const world = await aWorld(machineWith("Always"), stranger);
    expect(await world.machine(run)).toBe("done");
    expect(failureOf(world)).toMatchObject({ status: "True", reason: "FailedCreate", message });
    expect(world.get(stranger)?.metadata.uid).toBe(uid);
    const told = [`VirtualMachine Warning FailedCreate: Error creating virtual machine instance: ${message}`];
    expect(world.told).toEqual(told);
    expect(await again(world)).toEqual(["done", []]);
    expect(world.told).toEqual(told);
  });

  test("waits for it where it is on its way out, and starts when it is gone", async () => {
    const leaving = itsInstance({ metadata: { ownerReferences: [], deletionTimestamp: apiTime } });
    const before: Condition = { type: "Failure", status: "True", reason: "FailedCreate" };
    const world = await aWorld(machineWith("Always", { conditions: [before] }), leaving);
    await world.machine(run);
    expect(failureOf(world)).toBeUndefined();
    expect(world.told).toEqual([]);
    world.remove(leaving);
    await world.machine(run);
    expect(world.get(instance)?.metadata.ownerReferences).toHaveLength(1);
  });

  test.for(["Halted", "Manual"] as const)("leaves it alone, and is told nothing, with %s", async (strategy) => {
    const world = await aWorld(machineWith(strategy), stranger);
    await world.machine(run);
    expect(isLeaving(world)).toBe(false);
    expect(failureOf(world)).toBeUndefined();
    expect(world.told).toEqual([]);
  });

  test.for(["Always", "Once", "RerunOnFailure"] as const)("is told so at each look with %s", async (strategy) => {
    const world = await aWorld(machineWith(strategy), stranger);
    await world.machine(run);
    await world.machine(run);
    expect(failureOf(world)).toMatchObject({ message });
    world.remove(stranger);
    await world.machine(run);
    expect(world.get(instance)?.metadata.ownerReferences).toHaveLength(1);
  });
});
