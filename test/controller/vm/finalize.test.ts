import { describe, expect, test } from "vitest";
import { finalizers } from "../../../api/contract/labels.ts";
import type { VirtualMachine } from "../../../api/resources.ts";
import { finalize } from "../../../controller/vm/finalize.ts";
import { aMachine, controller, itsInstance } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld, type World } from "../stage.ts";

/** A machine on its way out, held by these. */
const leaving = (...held: string[]): VirtualMachine =>
  aMachine({ metadata: { deletionTimestamp: apiTime, finalizers: held } });

const machine = leaving(finalizers.machine);
const running = itsInstance({ status: { phase: "Running" } });

async function looked(world: World): Promise<object> {
  return { outcome: await world.machine(finalize), changed: world.changed };
}

test("a machine that is not deleted is left to the next stage", async () => {
  expect(await looked(await aWorld(aMachine(), running))).toEqual({ outcome: undefined, changed: [] });
});

test("a machine's instance is deleted with it, and it waits for the instance's end", async () => {
  const world = await aWorld(machine, running);
  expect(await world.machine(finalize)).toBe("done");
  expect(world.get(running)?.metadata.deletionTimestamp).toBe(apiTime);
  expect(world.get(machine)).toMatchObject({
    metadata: { finalizers: [finalizers.machine] },
    status: { printableStatus: "Terminating", created: true, runStrategy: "Always" },
  });
  expect(world.told).toEqual([
    `VirtualMachine Normal SuccessfulDelete: Stopped the virtual machine by deleting the virtual machine instance demo with uid ${running.metadata.uid}`,
  ]);
  expect(world.unseen).toEqual([]);
  expect(await looked(world)).toEqual({ outcome: "done", changed: [] });
});

test("a machine keeps what was asked of it and what is known of its starts while it waits", async () => {
  const status = {
    stateChangeRequests: [{ action: "Start" as const }],
    startFailure: { consecutiveFailCount: 2, lastFailedVMIUID: "i-0" },
  };
  const asked: VirtualMachine = { ...machine, status };
  const world = await aWorld(asked, running);
  await world.machine(finalize);
  expect(world.get(machine)?.status).toMatchObject(status);
});

test("a machine without an instance is let go", async () => {
  const world = await aWorld(machine);
  expect(await world.machine(finalize)).toBe("done");
  expect(world.get(machine)).toBeUndefined();
});

test("a machine is let go once its instance is gone, and by the controller alone: who else holds it keeps it", async () => {
  const held = leaving("example.com/backup", finalizers.machine);
  const world = await aWorld(held, running);
  await world.machine(finalize);
  world.remove(running);
  await world.machine(finalize);
  expect(world.get(held)?.metadata.finalizers).toEqual(["example.com/backup"]);
  expect(await looked(world)).toEqual({ outcome: "done", changed: [] });
});

test("a machine whose instance nobody holds waits for the cache to show that it is gone", async () => {
  const world = await aWorld(machine, itsInstance({ metadata: { finalizers: [] } }));
  expect(await world.machine(finalize)).toBe("done");
  expect(world.get(running)).toBeUndefined();
  expect(world.get(machine)).toBeDefined();
  await world.machine(finalize);
  expect(world.get(machine)).toBeUndefined();
});

test("a machine that is deleted without its instance is let go, and the instance runs on", async () => {
  const world = await aWorld(leaving("orphan", finalizers.machine), running);
  expect(await world.machine(finalize)).toBe("done");
  expect(world.get(machine)?.metadata.finalizers).toEqual(["orphan"]);
  expect(world.get(running)?.metadata).not.toHaveProperty("deletionTimestamp");
});

test("a machine is let go without an instance of its name that it does not control, which runs on", async () => {
  const stranger = itsInstance({ metadata: { ownerReferences: [{ ...controller, uid: "m-0" }] } });
  const world = await aWorld(machine, stranger);
  await world.machine(finalize);
  expect(world.get(machine)).toBeUndefined();
  expect(world.get(stranger)?.metadata).not.toHaveProperty("deletionTimestamp");
});

describe("a machine that changes meanwhile", () => {
  test("is let go at the next look", async () => {
    const world = await aWorld(machine);
    const meanwhile = (): void => world.change(machine, { metadata: { finalizers: [finalizers.machine, "new"] } });
    await expect(world.machine(finalize, { meanwhile })).rejects.toMatchObject({ isConflict: true });
    await world.machine(finalize);
    expect(world.get(machine)?.metadata.finalizers).toEqual(["new"]);
  });

  test("has its instance deleted once, and its status written at the next look", async () => {
    const world = await aWorld(machine, running);
    const meanwhile = (): void => world.change(machine, { metadata: { labels: { a: "b" } } });
    await expect(world.machine(finalize, { meanwhile })).rejects.toMatchObject({ isConflict: true });
    const deleted = world.get(running);
    expect(deleted?.metadata.deletionTimestamp).toBe(apiTime);
    expect(await world.machine(finalize)).toBe("done");
    expect(world.get(machine)?.status?.printableStatus).toBe("Terminating");
    expect(world.get(running)).toBe(deleted);
    expect(world.told).toHaveLength(1);
  });

  test("and is gone is no longer there for the stage either", async () => {
    const world = await aWorld(machine);
    const look = world.machine(finalize, { meanwhile: () => world.remove(machine) });
    await expect(look).rejects.toMatchObject({ isNotFound: true });
  });
});

test("a machine whose instance may not be deleted is held, and told of it", async () => {
  const world = await aWorld(machine, running);
  world.api.refuse("DELETE virtualmachineinstances", 403, "not allowed");
  await expect(world.machine(finalize)).rejects.toMatchObject({ isForbidden: true });
  expect(world.get(machine)?.metadata.finalizers).toEqual([finalizers.machine]);
  expect(world.told).toEqual([
    "VirtualMachine Warning FailedDelete: Error deleting virtual machine instance: not allowed",
  ]);
});
