import { describe, expect, test } from "vitest";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import type { Condition } from "../../../api/schema/condition.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import type { Phase } from "../../../api/status/phases.ts";
import { failLost } from "../../../controller/vmi/fail-lost.ts";
import { aNode, anInstance, aPod, handedOver } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld, type World } from "../stage.ts";

const ready: Condition = { type: "Ready", status: "True", lastTransitionTime: apiTime };
const agent: Condition = { type: "AgentConnected", status: "True" };

/** An instance on `node-1`. */
const placed = (phase: Phase = "Running", conditions: Condition[] = [ready, agent]): VirtualMachineInstance =>
  anInstance({ metadata: handedOver(), status: { phase, nodeName: "node-1", conditions } });

const waiting = anInstance({ status: { phase: "Scheduling" } });

function aPodThat(status: NonNullable<Pod["status"]>, instance = placed()): Pod {
  return aPod(instance, { nodeName: "node-1", status });
}

const running = aPodThat({ phase: "Running" });

/** What the stage comes to where it leaves everything to the next one. */
const nothing = { outcome: undefined, changed: [] };

async function looked(world: World): Promise<object> {
  return { outcome: await world.instance(failLost), changed: world.changed };
}

describe("an instance that was not handed over", () => {
  test("is not lost while it has no pod", async () => {
    expect(await looked(await aWorld(waiting))).toEqual(nothing);
  });

  test.for(["Pending", "Running"])("is not lost while its pod is %s", async (phase) => {
    const world = await aWorld(waiting, aPodThat({ phase }, waiting));
    world.made.add("default/demo", "p-1");
    expect(await looked(world)).toEqual(nothing);
  });

  test.for(["Failed", "Succeeded"])("has failed when its pod is %s, and is told why", async (phase) => {
    const world = await aWorld(waiting, aPodThat({ phase, reason: "Evicted", message: "low on memory" }, waiting));
    world.made.add("default/demo", "p-1");
    expect(await world.instance(failLost)).toBe("done");
    const why = "The placeholder pod ended before the guest was started: Evicted: low on memory";
    const { status } = world.get(waiting)!;
    expect(status).toMatchObject({ phase: "Failed", reason: "PodFailed" });
    expect(status?.phaseTransitionTimestamps).toEqual([
      { phase: "Pending", phaseTransitionTimestamp: "2026-01-01T10:00:00Z" },
      { phase: "Scheduling", phaseTransitionTimestamp: "2026-01-01T10:00:01Z" },
      { phase: "Failed", phaseTransitionTimestamp: "2026-01-01T10:00:09Z" },
    ]);
    expect(conditionOf(status?.conditions, "Ready")).toMatchObject({
      status: "False",
      reason: "PodNotExists",
      message: why,
    });
    expect(world.told).toEqual([`VirtualMachineInstance Warning Stopped: ${why}`]);
    expect(world.unseen).toEqual([]);
  });

  test("is told that its pod gave no reason, when it gave none", async () => {
    const world = await aWorld(waiting, aPodThat({ phase: "Failed" }, waiting));
    world.made.add("default/demo", "p-1");
    await world.instance(failLost);
    expect(world.told).toEqual([expect.stringMatching(/it gave no reason$/)]);
  });

  test("is not lost by the end of a pod that is not its own", async () => {
    expect(await looked(await aWorld(waiting, aPodThat({ phase: "Failed" }, waiting)))).toEqual(nothing);
  });
});

describe("an instance on a node", () => {
  test("is the daemon's business while the node is ready, whatever became of its pod", async () => {
    for (const pods of [[running], [aPodThat({ phase: "Failed" })], []]) {
      expect(await looked(await aWorld(placed(), aNode(), ...pods))).toEqual(nothing);
    }
  });

  test.for([
    ["not ready", [aNode(false)]],
    ["gone", []],
  ] as const)("has failed when its pod is gone and its node is %s", async ([how, nodes]) => {
    const world = await aWorld(placed(), ...nodes);
    expect(await world.instance(failLost)).toBe("done");
    const why = `The placeholder pod is gone and node node-1 is ${how}`;
    const { status } = world.get(placed())!;
    expect(status).toMatchObject({ phase: "Failed", reason: "NodeLost", nodeName: "node-1" });
    expect(status?.conditions).toEqual([
      {
        type: "Ready",
        status: "False",
        reason: "PodNotExists",
        message: why,
        lastTransitionTime: "2026-01-01T10:00:09Z",
      },
      agent,
    ]);
    expect(world.told).toEqual([`VirtualMachineInstance Warning Stopped: ${why}`]);
    expect(world.unseen).toEqual([]);
  });

  test("has failed when its pod has ended and its node is gone", async () => {
    const world = await aWorld(placed(), aPodThat({ phase: "Failed" }));
    await world.instance(failLost);
    expect(world.get(placed())?.status).toMatchObject({ phase: "Failed", reason: "NodeLost" });
  });

  test("has failed before it ran, too, and another's pod in the place of its own is none", async () => {
    const world = await aWorld(placed("Scheduled"), { ...running, metadata: { ...running.metadata, uid: "other" } });
    await world.instance(failLost);
    expect(world.get(placed())?.status).toMatchObject({ phase: "Failed", reason: "NodeLost" });
  });

  test("of which the label alone tells, has failed as well", async () => {
    const world = await aWorld(anInstance({ metadata: handedOver() }));
    await world.instance(failLost);
    expect(world.get(placed())?.status).toMatchObject({ phase: "Failed", reason: "NodeLost" });
  });
});

describe("a node that is merely silent", () => {
  test.for([
    ["not ready", [aNode(false)]],
    ["gone", []],
  ] as const)("keeps its instance, of which it is told that nobody knows, when it is %s", async ([how, nodes]) => {
    const world = await aWorld(placed(), running, ...nodes);
    expect(await world.instance(failLost)).toBe("done");
    const { status } = world.get(placed())!;
    expect(status?.phase).toBe("Running");
    expect(status?.conditions).toEqual([
      expect.objectContaining({ status: "False", reason: "NodeNotReady", message: `node node-1 is ${how}` }),
      agent,
    ]);
    expect(world.told).toEqual([]);
    expect(world.unseen).toEqual([]);
    expect(await looked(world)).toEqual(nothing);
  });

  test("leaves alone an instance on its way, which is not ready anyhow", async () => {
    expect(await looked(await aWorld(placed("Scheduled"), running, aNode(false)))).toEqual(nothing);
  });

  test("leaves it to the daemon how the guest is, once it is heard of again", async () => {
    const silent: Condition = { type: "Ready", status: "False", reason: "NodeNotReady" };
    const world = await aWorld(placed("Running", [silent, agent]), running, aNode());
    expect(await world.instance(failLost)).toBe("done");
    expect(world.get(placed())?.status?.conditions).toEqual([agent]);
    expect(await looked(world)).toEqual(nothing);
  });
});

test("a status that the daemon has written meanwhile is not overwritten, and nothing is told", async () => {
  const meanwhile = (world: World) => () => world.change(placed(), { status: { phase: "Succeeded" } });
  const lost = await aWorld(placed());
  await expect(lost.instance(failLost, { meanwhile: meanwhile(lost) })).rejects.toMatchObject({ isConflict: true });
  expect(lost.get(placed())?.status).toMatchObject({ phase: "Succeeded", conditions: [ready, agent] });
  expect(lost.told).toEqual([]);
  const silent = await aWorld(placed(), running);
  await expect(silent.instance(failLost, { meanwhile: meanwhile(silent) })).rejects.toMatchObject({ isConflict: true });
  expect(silent.get(placed())?.status?.conditions).toEqual([ready, agent]);
});

test("of an instance that is gone meanwhile nothing is told", async () => {
  const world = await aWorld(placed());
  const look = world.instance(failLost, { meanwhile: () => world.remove(placed()) });
  await expect(look).rejects.toMatchObject({ isNotFound: true });
  expect(world.told).toEqual([]);
});
