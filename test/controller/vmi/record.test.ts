import { expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { record } from "../../../controller/vmi/record.ts";
import { anInstance, aPod, handedOver } from "../builders.ts";
import { aWorld } from "../stage.ts";

/** An instance that a build without the record has handed over. */
const old = anInstance({
  metadata: { labels: { [labels.nodeName]: "node-1" }, annotations: { "example.com/a": "b" } },
});
const pod = aPod(old, { nodeName: "node-1" });

test("the pod of an instance that was handed over without a record is recorded, once", async () => {
  const world = await aWorld(old, pod);
  expect(await world.instance(record)).toBe("done");
  expect(world.get(old)?.metadata.annotations).toEqual({ "example.com/a": "b", [annotations.placeholderUid]: "p-1" });
  expect(world.unseen).toEqual([]);
  expect(await world.instance(record)).toBeUndefined();
  expect(world.changed).toEqual([]);
});

test("a record is never replaced", async () => {
  const instance = anInstance({ metadata: handedOver() });
  const world = await aWorld(instance, { ...pod, metadata: { ...pod.metadata, uid: "p-2" } });
  expect(await world.instance(record)).toBeUndefined();
  expect(world.changed).toEqual([]);
});

test("nothing is recorded of an instance that was not handed over, nor of one without a pod", async () => {
  const early = await aWorld(anInstance(), aPod(anInstance()));
  early.made.add("default/demo", "p-1");
  expect(await early.instance(record)).toBeUndefined();
  expect(early.changed).toEqual([]);
  const bare = await aWorld(old);
  expect(await bare.instance(record)).toBeUndefined();
  expect(bare.changed).toEqual([]);
});

test("an instance that has changed meanwhile is recorded at the next look", async () => {
  const world = await aWorld(old, pod);
  const meanwhile = (): void => world.change(old, { status: { phase: "Running" } });
  await expect(world.instance(record, { meanwhile })).rejects.toMatchObject({ isConflict: true });
  expect(world.get(old)?.metadata.annotations?.[annotations.placeholderUid]).toBeUndefined();
  expect(await world.instance(record)).toBe("done");
  expect(world.get(old)?.metadata.annotations?.[annotations.placeholderUid]).toBe("p-1");
});

test("an instance that is gone meanwhile is not made anew", async () => {
  const world = await aWorld(old, pod);
  const look = world.instance(record, { meanwhile: () => world.remove(old) });
  await expect(look).rejects.toMatchObject({ isNotFound: true });
  expect(world.get(old)).toBeUndefined();
});
