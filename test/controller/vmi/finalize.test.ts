import { describe, expect, test } from "vitest";
import { annotations, finalizers } from "../../../api/contract/labels.ts";
import type { KubeObject } from "../../../api/kube/resources/object.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { finalize } from "../../../controller/vmi/finalize.ts";
import { anInstance, aPod, handedOver } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld } from "../stage.ts";

type Parts = Partial<Pick<VirtualMachineInstance, "metadata" | "status">>;

/** An instance on its way out. */
const leaving = ({ metadata, status }: Parts = {}): VirtualMachineInstance =>
  anInstance({ metadata: { deletionTimestamp: apiTime, ...metadata }, ...(status ? { status } : {}) });

/** One that was handed over, and whose end has been told. */
const ended = (more: Parts["metadata"] = {}): VirtualMachineInstance =>
  leaving({ metadata: { ...handedOver(), ...more }, status: { phase: "Succeeded" } });

const onNode = (instance: VirtualMachineInstance) =>
  aPod(instance, { nodeName: "node-1", status: { phase: "Running" } });

test("an instance that runs is not let go, and the next stage has its turn", async () => {
  const instance = anInstance({ metadata: handedOver(), status: { phase: "Running" } });
  const world = await aWorld(instance, onNode(instance));
  expect(await world.instance(finalize)).toBeUndefined();
  expect(world.changed).toEqual([]);
});

test("an instance that has ended and is not deleted is kept, with its pod, for who wants to know how it ended", async () => {
  const instance = anInstance({ metadata: handedOver(), status: { phase: "Failed" } });
  const world = await aWorld(instance, onNode(instance));
  expect(await world.instance(finalize)).toBe("done");
  expect(world.changed).toEqual([]);
});

test("an instance whose guest may still run is held until the node daemon has told its end", async () => {
  const instance = leaving({ metadata: handedOver(), status: { phase: "Running" } });
  const world = await aWorld(instance, onNode(instance));
  expect(await world.instance(finalize)).toBeUndefined();
  expect(world.changed).toEqual([]);
});

test("an instance whose end has been told is gone with its pod at once, which the cache shows", async () => {
  const instance = ended();
  const world = await aWorld(instance, onNode(instance));
  expect(await world.instance(finalize)).toBe("done");
  expect(world.get(instance)).toBeUndefined();
  expect(world.get(aPod(instance))).toBeUndefined();
  expect(world.cache.instances.store.get("default/demo")).toBeUndefined();
  expect(world.unseen).toEqual([]);
});

test("an instance that was never handed over is let go, and its pod has the time that it asks for", async () => {
  const instance = leaving({ metadata: { finalizers: ["example.com/backup", finalizers.instance] } });
  const world = await aWorld(instance, onNode(instance));
  world.made.add("default/demo", "p-1");
  expect(await world.instance(finalize)).toBe("done");
  expect(world.get(instance)?.metadata.finalizers).toEqual(["example.com/backup"]);
  expect(world.get(aPod(instance))?.metadata).toMatchObject({
    deletionTimestamp: apiTime,
    deletionGracePeriodSeconds: 45,
  });
});

test("an instance that others hold too stays until they let go, and nothing is done to it again", async () => {
  const instance = ended({ finalizers: [finalizers.instance, "example.com/backup"] });
  const world = await aWorld(instance, onNode(instance));
  await world.instance(finalize);
  expect(world.get(instance)?.metadata.finalizers).toEqual(["example.com/backup"]);
  await world.instance(finalize);
  expect(world.changed).toEqual([]);
});

test("a pod on its way out is left to its kubelet", async () => {
  const instance = ended();
  const pod = onNode(instance);
  const world = await aWorld(instance, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: apiTime } });
  const before = world.get(pod);
  await world.instance(finalize);
  expect(world.get(instance)).toBeUndefined();
  expect(world.get(pod)).toBe(before);
});

test("a pod that somebody else has put in the placeholder's place is not deleted with the instance", async () => {
  const instance = leaving({ metadata: { finalizers: [finalizers.instance] } });
  const world = await aWorld(instance, onNode(instance));
  await world.instance(finalize);
  expect(world.get(instance)).toBeUndefined();
  expect(world.get(aPod(instance))).toBeDefined();
});

describe("a pod that is not the one that was seen is no reason to hold the instance:", () => {
  test("it is gone meanwhile", async () => {
    const instance = ended();
    const world = await aWorld(instance, onNode(instance));
    await world.instance(finalize, { meanwhile: () => world.remove(aPod(instance)) });
    expect(world.get(instance)).toBeUndefined();
  });

  test("another one has its name, and stays", async () => {
    const instance = ended();
    const world = await aWorld(instance, onNode(instance));
    await world.instance(finalize, { meanwhile: () => world.change(aPod(instance), { metadata: { uid: "p-2" } }) });
    expect(world.get(instance)).toBeUndefined();
    expect(world.get(aPod(instance))?.metadata?.uid).toBe("p-2");
  });
});

test("an instance whose pod cannot be deleted is held", async () => {
  const instance = ended();
  const world = await aWorld(instance, onNode(instance));
  world.api.refuse("DELETE pods", 403, "not allowed");
  await expect(world.instance(finalize)).rejects.toMatchObject({ isForbidden: true });
  expect(world.get(instance)?.metadata.finalizers).toEqual([finalizers.instance]);
});

test("an instance that has changed meanwhile is held until it is looked at again", async () => {
  const world = await aWorld(ended());
  const meanwhile = (): void =>
    world.change(ended(), { metadata: { finalizers: [finalizers.instance, "example.com/new"] } });
  await expect(world.instance(finalize, { meanwhile })).rejects.toMatchObject({ isConflict: true });
  expect(world.get(ended())?.metadata.finalizers).toEqual([finalizers.instance, "example.com/new"]);
  await world.instance(finalize);
  expect(world.get(ended())?.metadata.finalizers).toEqual(["example.com/new"]);
});

test("an instance that is gone meanwhile is no longer there for the stage either", async () => {
  const world = await aWorld(ended());
  const look = world.instance(finalize, { meanwhile: () => world.remove(ended()) });
  await expect(look).rejects.toMatchObject({ isNotFound: true });
});

describe("of the machine that an instance was made of,", () => {
  const owner = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", name: "demo", uid: "m-1", controller: true };
  const made = ended({
    ownerReferences: [owner],
    annotations: { ...handedOver().annotations, [annotations.machineGeneration]: "3" },
  });
  const revision = (generation: number): KubeObject => ({
    kind: "ControllerRevision",
    metadata: { name: `revision-start-vm-m-1-${generation}`, namespace: "default" },
  });

  test("what is kept of its generation goes with the instance, and no other", async () => {
    const world = await aWorld(made, revision(2), revision(3));
    await world.instance(finalize);
    expect(world.get(made)).toBeUndefined();
    expect([world.get(revision(2)), world.get(revision(3))]).toEqual([expect.anything(), undefined]);
  });

  test("nothing needs to be kept", async () => {
    const world = await aWorld(made);
    await world.instance(finalize);
    expect(world.get(made)).toBeUndefined();
  });

  test("what cannot be deleted holds the instance, or it would stay for ever", async () => {
    const world = await aWorld(made, revision(3));
    world.api.refuse("DELETE controllerrevisions", 500, "no etcd");
    await expect(world.instance(finalize)).rejects.toMatchObject({ code: 500 });
    expect(world.get(made)).toBeDefined();
    await world.instance(finalize);
    expect([world.get(made), world.get(revision(3))]).toEqual([undefined, undefined]);
  });
});
