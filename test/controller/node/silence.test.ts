import { describe, expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import type { Outcome } from "../../../api/kube/controller/controller.ts";
import type { Node, Pod } from "../../../api/kube/resources/core-resources.ts";
import { markSilentNode } from "../../../controller/node/silence.ts";
import { aNode } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld, type World } from "../stage.ts";

/** A node that takes machines, as its daemon has said at this time. */
const beating = (time = "2026-01-01T10:00:00Z", offered = "true"): Node =>
  aNode(true, { labels: { [labels.schedulable]: offered, zone: "a" }, annotations: { [annotations.heartbeat]: time } });

/** One whose daemon is of the release before, which has no heartbeat. */
const old = aNode();

/** The daemon's pod on a node, in the namespace of the add-on. */
function aDaemonPod(
  isReady: boolean,
  { metadata, nodeName = "node-1" }: { metadata?: object; nodeName?: string } = {},
): Pod {
  return {
    kind: "Pod",
    metadata: { name: "daemon", namespace: "kubevirt", labels: { [labels.app]: "virt-handler" }, ...metadata },
    spec: { nodeName, containers: [] },
    status: { conditions: [{ type: "Ready", status: isReady ? "True" : "False" }] },
  };
}

/** A world in which nothing is heard of the node for so many milliseconds. */
async function silentFor(milliseconds: number, node: Node, ...daemons: Pod[]): Promise<World> {
  const world = await aWorld(node, ...daemons);
  await world.node(markSilentNode);
  world.nodes.now += milliseconds;
  return world;
}

async function looked(world: World): Promise<[Outcome | undefined, readonly string[]]> {
  return [await world.node(markSilentNode), world.changed];
}

const marksOf = (world: World) => world.get(old)?.metadata;
const taken = {
  labels: { [labels.schedulable]: "false" },
  annotations: { [annotations.unschedulableReason]: unschedulableReasons.silent },
};
const told =
  "Node Warning NodeDaemonSilent: This node gets no new machines: its node daemon sends no heartbeat. Running machines are not affected";

describe("a node whose heartbeat does not change", () => {
  test("is waited for as long as may be", async () => {
    expect(await looked(await silentFor(239_000, beating()))).toEqual([{ after: 1000 }, []]);
  });

  test("takes no machines after a while, and that is told, once", async () => {
    const world = await silentFor(240_000, beating());
    expect(await world.node(markSilentNode)).toBe("done");
    expect(marksOf(world)).toMatchObject({
      labels: { ...taken.labels, zone: "a" },
      annotations: { ...taken.annotations, [annotations.heartbeat]: "2026-01-01T10:00:00Z" },
    });
    expect(world.told).toEqual([told]);
    expect(world.unseen).toEqual([]);
    expect(await looked(world)).toEqual(["done", []]);
  });

  test("is judged by that alone, whatever its pod is", async () => {
    const world = await silentFor(240_000, beating(), aDaemonPod(true));
    await world.node(markSilentNode);
    expect(marksOf(world)).toMatchObject(taken);
  });

  test("takes machines on where it was heard of in time", async () => {
    const world = await silentFor(239_000, beating());
    world.put(beating("2026-01-01T10:01:00Z"));
    expect(await looked(world)).toEqual([{ after: 240_000 }, []]);
  });

  test("and that is heard of meanwhile takes machines on", async () => {
    const world = await silentFor(240_000, beating());
    const meanwhile = (): void => world.put(beating("2026-01-01T10:04:00Z"));
    await expect(world.node(markSilentNode, { meanwhile })).rejects.toMatchObject({ isConflict: true });
    expect(marksOf(world)?.labels?.[labels.schedulable]).toBe("true");
    expect(world.told).toEqual([]);
    expect(await looked(world)).toEqual([{ after: 240_000 }, []]);
  });

  test("and that is gone meanwhile is not told of", async () => {
    const world = await silentFor(240_000, beating());
    const look = world.node(markSilentNode, { meanwhile: () => world.remove(old) });
    await expect(look).rejects.toMatchObject({ isNotFound: true });
    expect(world.told).toEqual([]);
  });

  test("and that may not be written is not told of", async () => {
    const world = await silentFor(240_000, beating());
    world.api.refuse("PATCH nodes", 403, "not allowed");
    await expect(world.node(markSilentNode)).rejects.toMatchObject({ isForbidden: true });
    expect(world.told).toEqual([]);
  });
});

test("a node that takes no machines anyway keeps what its daemon says of that", async () => {
  expect(await looked(await silentFor(1e9, beating(undefined, "false")))).toEqual(["done", []]);
});

test("a node is not judged while nobody tells of nodes", async () => {
  const world = await silentFor(1e9, beating());
  world.nodes.areWatched = false;
  expect(await looked(world)).toEqual([{ after: 60_000 }, []]);
});

describe("a node whose daemon has no heartbeat", () => {
  test("is looked at more often, and at the end of its time", async () => {
    expect(await looked(await silentFor(59_000, old))).toEqual([{ after: 1000 }, []]);
    expect(await looked(await silentFor(60_000, old))).toEqual([{ after: 60_000 }, []]);
    expect(await looked(await silentFor(235_000, old))).toEqual([{ after: 5000 }, []]);
  });

  test("counts as heard of while the daemon's pod is ready", async () => {
    const world = await silentFor(1e9, old, aDaemonPod(true));
    expect(await looked(world)).toEqual([{ after: 60_000 }, []]);
    expect(world.heartbeats.silenceOf("node-1")).toBe(0);
  });

  test.for([
    ["there is none", []],
    ["is not ready", [aDaemonPod(false)]],
    ["is on its way out", [aDaemonPod(true, { metadata: { deletionTimestamp: apiTime } })]],
    ["is that of another node", [aDaemonPod(true, { nodeName: "node-2" })]],
    ["is in another namespace", [aDaemonPod(true, { metadata: { namespace: "default" } })]],
    ["is another program's", [aDaemonPod(true, { metadata: { labels: { [labels.app]: "virt-controller" } } })]],
  ] as const)("takes no machines after a while when its pod: %s", async ([, daemons]) => {
    const early = await silentFor(60_000, old, ...daemons);
    expect(await looked(early)).toEqual([{ after: 60_000 }, []]);
    const world = await silentFor(240_000, old, ...daemons);
    expect(await world.node(markSilentNode)).toBe("done");
    expect(marksOf(world)).toMatchObject(taken);
    expect(world.told).toEqual([told]);
  });

  test("is not judged where its pod cannot be asked for", async () => {
    const world = await silentFor(240_000, old, aDaemonPod(true));
    world.api.refuse("GET pods", 500, "no etcd");
    await expect(world.node(markSilentNode)).rejects.toMatchObject({ code: 500 });
    expect(world.changed).toEqual([]);
  });
});
