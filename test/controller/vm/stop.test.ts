import { expect, test } from "vitest";
import { run } from "../../../controller/vm/run.ts";
import { aMachine, aRevision, controller, itsInstance } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld, type World } from "../stage.ts";

const machine = aMachine({ spec: { runStrategy: "Halted" } });
const running = itsInstance({ status: { phase: "Running" } });
const unheld = itsInstance({ metadata: { finalizers: [] }, status: { phase: "Running" } });
const stopped = `VirtualMachine Normal SuccessfulDelete: Stopped the virtual machine by deleting the virtual machine instance demo with uid ${running.metadata.uid}`;

const isLeaving = (world: World) => world.get(running)?.metadata.deletionTimestamp === apiTime;

test("an instance that is stopped is on its way out, which the cache shows, and that is told", async () => {
  const world = await aWorld(machine, running, aRevision());
  expect(await world.machine(run)).toBe("done");
  expect(isLeaving(world)).toBe(true);
  expect(world.unseen).toEqual([]);
  expect(world.told).toEqual([stopped]);
});

test("what is kept of the machine stays until the instance is gone", async () => {
  const held = await aWorld(machine, running, aRevision());
  await held.machine(run);
  expect(held.get(aRevision())).toBeDefined();
  const gone = await aWorld(machine, unheld, aRevision(), aRevision(2));
  await gone.machine(run);
  expect([gone.get(running), gone.get(aRevision())]).toEqual([undefined, undefined]);
  expect(gone.get(aRevision(2))).toBeDefined();
});

test("an instance that is gone at once is not told of again while the cache still shows it", async () => {
  const world = await aWorld(machine, unheld);
  world.api.before("DELETE virtualmachineinstances", () => world.remove(unheld));
  expect(await world.machine(run)).toBe("done");
  expect(world.told).toEqual([]);
});

test("another instance of its name that is there by now is not deleted", async () => {
  const world = await aWorld(machine, running);
  const meanwhile = (): void => world.change(running, { metadata: { uid: "i-2" } });
  expect(await world.machine(run, { meanwhile })).toBe("done");
  expect(isLeaving(world)).toBe(false);
  expect(world.told).toEqual([]);
});

test("an instance that the machine does not control is never deleted", async () => {
  const stranger = itsInstance({ metadata: { ownerReferences: [{ ...controller, uid: "m-0" }] } });
  const world = await aWorld(machine, stranger);
  await world.machine(run);
  expect(isLeaving(world)).toBe(false);
});

test("an instance that has changed meanwhile is deleted all the same", async () => {
  const world = await aWorld(machine, running);
  await world.machine(run, { meanwhile: () => world.change(running, { status: { phase: "Failed" } }) });
  expect(isLeaving(world)).toBe(true);
});

test.for([403, 500])("an instance whose deletion is refused with the code %d stays, and that is told", async (code) => {
  const world = await aWorld(machine, running);
  world.api.refuse("DELETE virtualmachineinstances", code, "not now");
  await expect(world.machine(run)).rejects.toMatchObject({ code });
  expect(isLeaving(world)).toBe(false);
  expect(world.told).toEqual(["VirtualMachine Warning FailedDelete: Error deleting virtual machine instance: not now"]);
  await world.machine(run);
  expect(isLeaving(world)).toBe(true);
});

test("an instance stays where what has to be known after its end could not be written", async () => {
  const failed = itsInstance({ status: { phase: "Failed" } });
  const world = await aWorld(aMachine(), failed);
  const meanwhile = (): void => world.change(machine, { metadata: { labels: { a: "b" } } });
  await expect(world.machine(run, { meanwhile })).rejects.toMatchObject({ isConflict: true });
  expect(isLeaving(world)).toBe(false);
  await world.machine(run);
  expect(isLeaving(world)).toBe(true);
  expect(world.get(aMachine())?.status?.startFailure?.consecutiveFailCount).toBe(1);
});
