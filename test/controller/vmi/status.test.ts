import { expect, test } from "vitest";
import type { Condition } from "../../../api/schema/condition.ts";
import { reached } from "../../../api/status/phase-times.ts";
import { failLost } from "../../../controller/vmi/fail-lost.ts";
import { podTrouble } from "../../../controller/vmi/pod-trouble.ts";
import { withTrouble } from "../../../controller/vmi/status.ts";
import { anInstance, aPod, handedOver } from "../builders.ts";
import { aWorld } from "../stage.ts";

const now = new Date("2026-01-01T10:00:09Z");

test("phases that were passed without being written are entered with their true times", () => {
  const conditions = [{ type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T10:00:02Z" }];
  const instance = anInstance();
  const pod = aPod(instance, { nodeName: "n", status: { conditions } });
  expect(reached(instance, "Scheduled", pod, now).phaseTransitionTimestamps).toEqual([
    { phase: "Pending", phaseTransitionTimestamp: "2026-01-01T10:00:00Z" },
    { phase: "Scheduling", phaseTransitionTimestamp: "2026-01-01T10:00:01Z" },
    { phase: "Scheduled", phaseTransitionTimestamp: "2026-01-01T10:00:02Z" },
  ]);
});

test("a phase that was written already keeps its time", () => {
  const before = reached(anInstance(), "Scheduling", undefined, new Date("2026-01-01T10:00:05Z"));
  const after = reached(anInstance({ status: before }), "Scheduled", undefined, now);
  expect(after.phaseTransitionTimestamps?.map(({ phase }) => phase)).toEqual(["Pending", "Scheduling", "Scheduled"]);
  expect(after.phaseTransitionTimestamps?.[1]?.phaseTransitionTimestamp).toBe("2026-01-01T10:00:05Z");
});

test("a trouble is told in the words of who has it, and taken back when it is over", () => {
  const waiting = { reason: "ErrImagePull", message: "no such image" };
  const containerStatuses = [{ name: "compute", state: { waiting } }] as never;
  const trouble = podTrouble(aPod(anInstance(), { status: { containerStatuses } }));
  const told = withTrouble({ phase: "Scheduled" }, trouble, now);
  expect(told.conditions).toMatchObject([{ type: "Ready", status: "False", ...waiting }]);
  const over = withTrouble(told, undefined, now);
  expect(over.conditions).toMatchObject([{ type: "Ready", status: "False", reason: "GuestNotRunning" }]);
});

test("a container that is being made is no trouble", () => {
  const containerStatuses = [{ name: "compute", state: { waiting: { reason: "ContainerCreating" } } }] as never;
  expect(podTrouble(aPod(anInstance(), { status: { containerStatuses } }))).toBeUndefined();
});

test("the daemon's own conditions are left alone", () => {
  const conditions: Condition[] = [
    { type: "Ready", status: "True" },
    { type: "Synchronized", status: "False", reason: "SyncFailed" },
  ];
  expect(withTrouble({ phase: "Running", conditions }, undefined, now).conditions).toEqual(conditions);
});

test("what others write of an instance's status is left alone, and where it runs", async () => {
  const status = { phase: "Running" as const, nodeName: "node-1", guestOSInfo: { name: "Debian" } };
  const instance = anInstance({ metadata: handedOver(), status });
  const world = await aWorld(instance);
  await world.instance(failLost);
  expect(world.get(instance)?.status).toMatchObject({ ...status, phase: "Failed", reason: "NodeLost" });
});
