import { describe, expect, test } from "vitest";
import { annotations, finalizers, labels } from "../../../api/contract/labels.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import type { Condition } from "../../../api/schema/condition.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import { handOver } from "../../../controller/vmi/hand-over.ts";
import { anInstance, aPod, handedOver } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld, type Look, type World } from "../stage.ts";

const instance = anInstance();
const placed = anInstance({ metadata: handedOver() });
const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T10:00:02Z" };

/** The pod of the instance on its way up on `node-1`. */
function bound(status: Pod["status"] = {}): Pod {
  const conditions = [scheduled];
  return aPod(instance, {
    nodeName: "node-1",
    status: { phase: "Pending", qosClass: "Burstable", conditions, ...status },
  });
}

/** A world in which this controller has made the pod. */
async function worldOf(one: VirtualMachineInstance, ...pods: Pod[]): Promise<World> {
  const world = await aWorld(one, ...pods);
  world.made.add("default/demo", "p-1");
  return world;
}

/** What the stage comes to where it leaves everything to the next one. */
const nothing = { outcome: undefined, changed: [] };

async function looked(world: World, look?: Look): Promise<object> {
  return { outcome: await world.instance(handOver, look), changed: world.changed };
}

const of = (world: World): VirtualMachineInstance => world.get(instance)!;

describe("an instance whose pod is bound", () => {
  test("is handed over: it has its node, its pod and the finalizer, and no status before there is need of one", async () => {
    const world = await worldOf(instance, bound());
    expect(await world.instance(handOver, { knownFor: 500 })).toEqual({ after: 1500 });
    const { metadata, status } = of(world);
    expect(metadata).toMatchObject(handedOver());
    expect(status).toBeUndefined();
    expect(world.unseen).toEqual([]);
    expect(await looked(world, { knownFor: 500 })).toEqual({ outcome: { after: 1500 }, changed: [] });
  });

  test("has what its author left open written out, and what was written left as it is", async () => {
    const spec = { domain: { memory: { guest: "128Mi" }, cpu: { sockets: 2 } }, terminationGracePeriodSeconds: 7 };
    const world = await worldOf(anInstance({ spec }), bound());
    await world.instance(handOver);
    const written = of(world).spec;
    expect(written).toMatchObject(spec);
    expect(written.domain.cpu?.cores).toBe(1);
    expect(written.domain.firmware?.uuid).toBeDefined();
  });

  test("has its spec left alone where nothing was left open", async () => {
    const first = await worldOf(instance, bound());
    await first.instance(handOver);
    const { spec } = of(first);
    const world = await worldOf(anInstance({ metadata: { generation: 4 }, spec }), bound());
    await world.instance(handOver);
    expect(of(world)).toMatchObject({ metadata: { ...handedOver(), generation: 4 }, spec });
  });

  test("keeps its own labels, annotations and finalizers", async () => {
    const metadata = {
      labels: { a: "b" },
      annotations: { c: "d" },
      finalizers: ["example.com/x", finalizers.instance],
    };
    const world = await worldOf(anInstance({ metadata }), bound());
    await world.instance(handOver);
    expect(of(world).metadata).toMatchObject({
      labels: { a: "b", [labels.nodeName]: "node-1" },
      annotations: { c: "d", [annotations.placeholderUid]: "p-1" },
      finalizers: metadata.finalizers,
    });
  });

  test("is told of it when it takes long, with the true times of what was passed", async () => {
    const world = await worldOf(placed, bound());
    expect(await world.instance(handOver, { knownFor: 2000 })).toBe("done");
    expect(of(world).status).toEqual({
      phase: "Scheduled",
      phaseTransitionTimestamps: [
        { phase: "Pending", phaseTransitionTimestamp: "2026-01-01T10:00:00Z" },
        { phase: "Scheduling", phaseTransitionTimestamp: "2026-01-01T10:00:01Z" },
        { phase: "Scheduled", phaseTransitionTimestamp: "2026-01-01T10:00:02Z" },
      ],
      nodeName: "node-1",
      activePods: { "p-1": "node-1" },
      qosClass: "Burstable",
      conditions: [expect.objectContaining({ type: "Ready", status: "False", reason: "GuestNotRunning" })],
    });
    expect(world.unseen).toEqual([]);
    expect(await looked(world, { knownFor: 2000 })).toEqual(nothing);
  });

  test("is handed over and told of it in one go, when that was long ago", async () => {
    const world = await worldOf(instance, bound());
    expect(await world.instance(handOver, { knownFor: 2000 })).toBe("done");
    expect(of(world)).toMatchObject({ metadata: handedOver(), status: { phase: "Scheduled", nodeName: "node-1" } });
  });

  test("is told at once of what keeps its containers", async () => {
    const waiting = { reason: "ErrImagePull", message: "no such image" };
    const containerStatuses = [{ name: "compute", state: { waiting } }] as never;
    const world = await worldOf(instance, bound({ containerStatuses }));
    expect(await world.instance(handOver)).toBe("done");
    expect(conditionOf(of(world).status?.conditions, "Ready")).toMatchObject(waiting);
  });

  test("has the wait for a node that it was told of taken back at once", async () => {
    const conditions: Condition[] = [
      { type: "PodScheduled", status: "False", reason: "Unschedulable" },
      { type: "Synchronized", status: "False", reason: "FailedPvcNotFound" },
      { type: "Ready", status: "False", reason: "Unschedulable" },
    ];
    const world = await worldOf(anInstance({ status: { phase: "Scheduling", conditions } }), bound());
    expect(await world.instance(handOver)).toBe("done");
    expect(of(world).status?.conditions?.map(({ type, reason }) => [type, reason])).toEqual([
      ["Ready", "GuestNotRunning"],
    ]);
  });
});

describe("an instance is not handed over", () => {
  test("without a pod, to a pod without a node, or to one on its way out", async () => {
    const { metadata, ...rest } = bound();
    const leaving = { ...rest, metadata: { ...metadata, deletionTimestamp: apiTime } };
    for (const pods of [[], [aPod(instance)], [leaving]]) {
      expect(await looked(await worldOf(instance, ...pods))).toEqual(nothing);
    }
  });

  test("to a pod that this controller has not made", async () => {
    expect(await looked(await aWorld(instance, bound()))).toEqual(nothing);
  });

  test.for(["Scheduled", "Running", "Succeeded", "Failed"] as const)("again when it is %s", async (phase) => {
    const world = await worldOf(anInstance({ metadata: handedOver(), status: { phase } }), bound());
    expect(await looked(world, { knownFor: 2000 })).toEqual(nothing);
  });
});

test("an instance whose pod went away after the hand-over is told of its node alone: the daemon sees the rest", async () => {
  const world = await aWorld(placed);
  expect(await world.instance(handOver)).toBe("done");
  expect(of(world).status).toMatchObject({ phase: "Scheduled", nodeName: "node-1" });
  expect(of(world).status).not.toHaveProperty("activePods");
});

test("an instance stays on the node that it was handed over to, wherever a pod of its name is now", async () => {
  const world = await worldOf(placed, aPod(instance, { nodeName: "node-2" }));
  await world.instance(handOver, { knownFor: 2000 });
  expect(of(world)).toMatchObject({ metadata: handedOver(), status: { nodeName: "node-1" } });
});

describe("an instance that has changed meanwhile", () => {
  const label = (world: World) => () => world.change(instance, { metadata: { labels: { a: "b" } } });

  test("is handed over at the next look", async () => {
    const world = await worldOf(instance, bound());
    await expect(world.instance(handOver, { meanwhile: label(world) })).rejects.toMatchObject({ isConflict: true });
    expect(of(world).metadata).toMatchObject({ labels: { a: "b" } });
    expect(of(world).metadata).not.toHaveProperty("finalizers");
    await world.instance(handOver);
    expect(of(world).metadata.labels).toEqual({ a: "b", [labels.nodeName]: "node-1" });
  });

  test("and is too large to be held, too, and that is no failure", async () => {
    const userData = "#".repeat(40_000);
    const large = anInstance({ spec: { volumes: [{ name: "init", cloudInitNoCloud: { userData } }] } });
    const world = await worldOf(large, bound());
    expect(await world.instance(handOver, { meanwhile: label(world) })).toBe("done");
    expect(of(world).metadata).not.toHaveProperty("finalizers");
    expect(await world.instance(handOver, { knownFor: 2000 })).toBe("done");
    expect(of(world)).toMatchObject({ metadata: handedOver(), status: { phase: "Scheduled" } });
  });

  test("by the daemon, which was quicker, keeps the daemon's status", async () => {
    const world = await worldOf(placed, bound());
    const meanwhile = (): void => world.change(placed, { status: { phase: "Running", nodeName: "node-1" } });
    const look = world.instance(handOver, { meanwhile, knownFor: 2000 });
    await expect(look).rejects.toMatchObject({ isConflict: true });
    expect(of(world).status).toEqual({ phase: "Running", nodeName: "node-1" });
    expect(await looked(world)).toEqual(nothing);
  });

  test("by the daemon between the two writes keeps the daemon's status as well", async () => {
    const world = await worldOf(instance, bound());
    world.api.before("PATCH virtualmachineinstances/status", () =>
      world.change(instance, { status: { phase: "Running" } }),
    );
    await expect(world.instance(handOver, { knownFor: 2000 })).rejects.toMatchObject({ isConflict: true });
    expect(of(world)).toMatchObject({ metadata: handedOver(), status: { phase: "Running" } });
  });
});

test("a controller that ended between the two writes leaves what its successor goes on with", async () => {
  const world = await worldOf(instance, bound());
  world.api.refuse("PATCH virtualmachineinstances/status", 500, "the end");
  await expect(world.instance(handOver, { knownFor: 2000 })).rejects.toMatchObject({ code: 500 });
  expect(of(world)).toMatchObject({ metadata: handedOver() });
  world.made.forget("default/demo");
  await world.instance(handOver, { knownFor: 2000 });
  expect(of(world).status).toMatchObject({ phase: "Scheduled", activePods: { "p-1": "node-1" } });
});

test("an instance that is gone meanwhile is not handed over", async () => {
  const world = await worldOf(instance, bound());
  const look = world.instance(handOver, { meanwhile: () => world.remove(instance) });
  await expect(look).rejects.toMatchObject({ isNotFound: true });
  expect(world.get(instance)).toBeUndefined();
});
