import { expect, test } from "vitest";
import { finalizers } from "../../../api/contract/labels.ts";
import { type ControllerRevision, revisionOf } from "../../../api/revision.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import { run } from "../../../controller/vm/run.ts";
import { aMachine, anInstance, aRevision, controller } from "../builders.ts";
import { aWorld, type World } from "../stage.ts";

const machine = aMachine({ metadata: { generation: 7, finalizers: [finalizers.machine] } });
const instance = anInstance();
const kept = (world: World) => world.get(aRevision(7)) as ControllerRevision | undefined;

test("what a machine is, is kept before its instance is there, and goes with the machine", async () => {
  const world = await aWorld(machine);
  world.api.refuse("POST virtualmachineinstances", 500, "the end");
  await expect(world.machine(run)).rejects.toMatchObject({ code: 500 });
  expect(kept(world)).toMatchObject({ data: { spec: machine.spec }, revision: 7 });
  expect(kept(world)?.metadata?.ownerReferences).toEqual([controller]);
});

test("what is kept of this generation already is as good, and stays as it is", async () => {
  const world = await aWorld(machine, aRevision(7));
  const before = kept(world);
  await world.machine(run);
  expect(kept(world)).toBe(before);
  expect(world.get(instance)).toBeDefined();
});

test("what is kept of another generation is no hindrance, and stays", async () => {
  const world = await aWorld(machine, aRevision(6));
  await world.machine(run);
  expect([world.get(aRevision(6)), kept(world)]).toEqual([expect.anything(), expect.anything()]);
});

test("a machine that cannot be kept gets no instance, and is told why", async () => {
  const world = await aWorld(machine);
  world.api.refuse("POST controllerrevisions", 403, "exceeded quota: objects");
  await expect(world.machine(run)).rejects.toThrow("creating the instance");
  expect(world.get(instance)).toBeUndefined();
  const failure = conditionOf(world.get(machine)?.status?.conditions, "Failure");
  expect(failure).toMatchObject({ status: "True", reason: "FailedCreate", message: "exceeded quota: objects" });
  await world.machine(run);
  expect(world.get(instance)).toBeDefined();
});

test("what is kept is found by the generation that the instance says that it was made of", async () => {
  const world = await aWorld(machine);
  await world.machine(run);
  expect(revisionOf(world.get(instance)!.metadata)).toBe(kept(world)?.metadata?.name);
});
