import { describe, expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import type { Event } from "../../../api/kube/events.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import type { Condition } from "../../../api/schema/condition.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import { reportProgress } from "../../../controller/vmi/report-progress.ts";
import { aNode, anInstance, aPod, handedOver } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld, type Look, type World } from "../stage.ts";

const instance = anInstance();
const recorded = anInstance({ metadata: { annotations: handedOver().annotations! } });

const unplaceable = {
  type: "PodScheduled",
  status: "False",
  reason: "Unschedulable",
  message: "0/1 nodes are available.",
} as const;

const waiting = aPod(instance, { status: { phase: "Pending" } });
const stuck = aPod(instance, { status: { phase: "Pending", conditions: [unplaceable] } });

async function worldOf(one: VirtualMachineInstance, ...others: object[]): Promise<World> {
  const world = await aWorld(one, ...others);
  world.made.add("default/demo", "p-1");
  return world;
}

/** What the stage comes to where there is nothing to tell. */
const nothing = { outcome: undefined, changed: [] };

async function looked(world: World, look?: Look): Promise<object> {
  return { outcome: await world.instance(reportProgress, look), changed: world.changed };
}

const statusOf = (world: World) => world.get(instance)!.status;
const conditions = (world: World) => statusOf(world)?.conditions?.map(({ type, reason }) => `${type} ${reason}`);

test("of an instance without a pod, or whose pod is on its way out, nothing is told", async () => {
  expect(await looked(await worldOf(instance))).toEqual(nothing);
  const leaving: Pod = { ...stuck, metadata: { ...stuck.metadata, deletionTimestamp: apiTime } };
  expect(await looked(await worldOf(recorded, leaving), { knownFor: 60_000 })).toEqual(nothing);
});

describe("an instance whose pod waits for a node", () => {
  test("is told nothing for a moment, in which most pods are placed", async () => {
    const world = await worldOf(instance, waiting);
    expect(await looked(world, { knownFor: 300 })).toEqual({ outcome: { after: 700 }, changed: [] });
  });

  test("has its pod recorded first, as a controller that is started anew would take it for another's", async () => {
    const world = await worldOf(instance, waiting);
    expect(await world.instance(reportProgress, { knownFor: 1000 })).toBe("done");
    expect(world.get(instance)?.metadata.annotations).toEqual({ [annotations.placeholderUid]: "p-1" });
    expect(statusOf(world)).toBeUndefined();
    expect(world.unseen).toEqual([]);
    world.made.forget("default/demo");
    await world.instance(reportProgress, { knownFor: 1000 });
    expect(statusOf(world)?.phase).toBe("Scheduling");
  });

  test("has a new pod recorded in the place of an old one", async () => {
    const world = await worldOf(recorded, { ...waiting, metadata: { ...waiting.metadata, uid: "p-2" } });
    world.made.add("default/demo", "p-2");
    expect(await world.instance(reportProgress, { knownFor: 1000 })).toBe("done");
    expect(world.get(instance)?.metadata.annotations).toEqual({ [annotations.placeholderUid]: "p-2" });
  });

  test("is told that it is being placed, once", async () => {
    const world = await worldOf(recorded, waiting);
    expect(await world.instance(reportProgress, { knownFor: 1000 })).toBeUndefined();
    expect(statusOf(world)).toMatchObject({
      phase: "Scheduling",
      phaseTransitionTimestamps: [
        { phase: "Pending", phaseTransitionTimestamp: "2026-01-01T10:00:00Z" },
        { phase: "Scheduling", phaseTransitionTimestamp: "2026-01-01T10:00:01Z" },
      ],
    });
    expect(conditions(world)).toEqual(["Ready GuestNotRunning"]);
    expect(world.unseen).toEqual([]);
    expect(await looked(world, { knownFor: 1000 })).toEqual(nothing);
  });

  test("is told at once why there is no node for it, and once", async () => {
    const world = await worldOf(recorded, stuck);
    await world.instance(reportProgress);
    expect(statusOf(world)?.phase).toBe("Scheduling");
    expect(conditions(world)).toEqual(["PodScheduled Unschedulable", "Ready Unschedulable"]);
    const { message } = conditionOf(statusOf(world)?.conditions, "PodScheduled")!;
    expect(message).toBe(`${unplaceable.message} (virtual machines: no node has a node daemon that was ever ready)`);
    expect(await looked(world)).toEqual(nothing);
  });

  test("is told which nodes take no machines", async () => {
    const marks = {
      labels: { [labels.schedulable]: "false" },
      annotations: { [annotations.unschedulableReason]: unschedulableReasons.withoutLibvirt },
    };
    const world = await worldOf(recorded, stuck, aNode(true, marks));
    await world.instance(reportProgress);
    expect(conditionOf(statusOf(world)?.conditions, "Ready")?.message).toBe(
      `${unplaceable.message} (virtual machines: node node-1 takes none, it has no libvirt)`,
    );
  });

  test("has it taken back that there could be no pod, and that there was no node", async () => {
    const before: Condition[] = [
      { type: "Synchronized", status: "False", reason: "FailedCreate" },
      { type: "PodScheduled", status: "False", reason: "Unschedulable" },
      { type: "Ready", status: "False", reason: "FailedCreate" },
    ];
    const { metadata } = recorded;
    const world = await worldOf(anInstance({ metadata, status: { phase: "Pending", conditions: before } }), waiting);
    await world.instance(reportProgress, { knownFor: 1000 });
    expect(statusOf(world)?.phase).toBe("Scheduling");
    expect(conditions(world)).toEqual(["Ready GuestNotRunning"]);
  });

  test("and that has changed meanwhile is told at the next look", async () => {
    for (const one of [instance, recorded]) {
      const world = await worldOf(one, stuck);
      const meanwhile = (): void => world.change(one, { metadata: { labels: { a: "b" } } });
      await expect(world.instance(reportProgress, { meanwhile })).rejects.toMatchObject({ isConflict: true });
      expect(world.changed).toEqual([]);
    }
  });

  test("and that is gone meanwhile is not made anew", async () => {
    const world = await worldOf(recorded, stuck);
    const look = world.instance(reportProgress, { meanwhile: () => world.remove(instance) });
    await expect(look).rejects.toMatchObject({ isNotFound: true });
  });
});

describe("an instance that is handed over", () => {
  const ready: Condition = {
    type: "Ready",
    status: "False",
    reason: "GuestNotRunning",
    message: "Guest VM is not reported as running",
  };
  const withoutSandbox = { type: "PodReadyToStartContainers", status: "False" };
  const withSandbox = { type: "PodReadyToStartContainers", status: "True" };

  const placed = (status: VirtualMachineInstance["status"]): VirtualMachineInstance =>
    anInstance({ metadata: handedOver(), ...(status ? { status } : {}) });
  const scheduled = placed({ phase: "Scheduled", conditions: [ready] });
  const running = placed({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] });

  function onNode(condition: { type: string; status: string }, waits?: { reason: string; message: string }): Pod {
    const containerStatuses = waits ? [{ name: "compute", state: { waiting: waits } }] : [];
    return aPod(instance, {
      nodeName: "node-1",
      status: { phase: "Pending", conditions: [condition], containerStatuses: containerStatuses as never },
    });
  }

  function anEvent(reason: string, more: Partial<Event> = {}): Event {
    const metadata = { name: `e-${reason}`, namespace: "default" };
    const involvedObject = { uid: "p-1" };
    return { kind: "Event", metadata, involvedObject, type: "Warning", reason, message: `${reason} it is`, ...more };
  }

  test("is told nothing of a pod that comes up", async () => {
    expect(await looked(await worldOf(scheduled, onNode(withSandbox)), { knownFor: 60_000 })).toEqual(nothing);
  });

  test("is told what keeps its containers, and when that is over, each once", async () => {
    const trouble = { reason: "ImagePullBackOff", message: "no such image" };
    const world = await worldOf(scheduled, onNode(withSandbox, trouble));
    await world.instance(reportProgress);
    expect(statusOf(world)).toMatchObject({
      phase: "Scheduled",
      conditions: [{ type: "Ready", status: "False", ...trouble }],
    });
    expect(world.unseen).toEqual([]);
    expect(await looked(world)).toEqual(nothing);
    world.put(onNode(withSandbox));
    await world.instance(reportProgress);
    expect(conditions(world)).toEqual(["Ready GuestNotRunning"]);
    expect(await looked(world)).toEqual(nothing);
  });

  test("has its pod's sandbox asked for after a moment only", async () => {
    const world = await worldOf(scheduled, onNode(withoutSandbox), anEvent("FailedMount"));
    expect(await looked(world, { knownFor: 1000 })).toEqual({ outcome: { after: 2000 }, changed: [] });
  });

  test("is told why its pod has no sandbox, as the last warning of that very pod has it", async () => {
    const warnings = [
      anEvent("FailedAttachVolume"),
      anEvent("FailedMount"),
      anEvent("FailedScheduling"),
      anEvent("Scheduled", { type: "Normal" }),
      anEvent("FailedCreatePodSandBox", { involvedObject: { uid: "another" } }),
    ];
    const world = await worldOf(scheduled, onNode(withoutSandbox), ...warnings);
    expect(await world.instance(reportProgress, { knownFor: 3000 })).toEqual({ after: 10_000 });
    expect(conditionOf(statusOf(world)?.conditions, "Ready")).toMatchObject({
      reason: "FailedMount",
      message: "FailedMount it is",
    });
    expect(await looked(world, { knownFor: 3000 })).toEqual({ outcome: { after: 10_000 }, changed: [] });
    world.put(onNode(withSandbox));
    expect(await world.instance(reportProgress, { knownFor: 60_000 })).toBeUndefined();
    expect(conditions(world)).toEqual(["Ready GuestNotRunning"]);
  });

  test("is looked at again where nobody says why there is no sandbox", async () => {
    const world = await worldOf(scheduled, onNode(withoutSandbox));
    expect(await looked(world, { knownFor: 3000 })).toEqual({ outcome: { after: 10_000 }, changed: [] });
  });

  test("and runs is as ready as the daemon says, whatever a container of its pod waits for", async () => {
    const world = await worldOf(running, onNode(withoutSandbox, { reason: "CrashLoopBackOff", message: "" }));
    expect(await looked(world, { knownFor: 60_000 })).toEqual(nothing);
  });

  test("keeps what the daemon says of its steps", async () => {
    const failed: Condition = { type: "Synchronized", status: "False", reason: "SyncFailed", message: "no disk" };
    const trouble = { reason: "CreateContainerError", message: "no" };
    const world = await worldOf(
      placed({ phase: "Scheduled", conditions: [failed, ready] }),
      onNode(withSandbox, trouble),
    );
    await world.instance(reportProgress);
    expect(conditions(world)).toEqual(["Synchronized SyncFailed", "Ready CreateContainerError"]);
  });

  test("and of which the daemon tells meanwhile keeps the daemon's word", async () => {
    const world = await worldOf(scheduled, onNode(withSandbox, { reason: "ErrImagePull", message: "" }));
    const meanwhile = (): void => world.change(instance, { status: running.status });
    await expect(world.instance(reportProgress, { meanwhile })).rejects.toMatchObject({ isConflict: true });
    expect(statusOf(world)).toMatchObject(running.status ?? {});
  });
});
