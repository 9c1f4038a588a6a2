import { describe, expect, test } from "vitest";
import type { Condition } from "../../../api/schema/condition.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import type { Phase } from "../../../api/status/phases.ts";
import { conditionsOf } from "../../../controller/vm/conditions.ts";
import { aSlimInstance, aSlimMachine } from "../builders.ts";

const now = new Date("2026-01-01T10:00:00Z");
const no = (type: string, reason: string, message: string): Condition => ({ type, status: "False", reason, message });
const notRunning = no("Ready", "GuestNotRunning", "Guest VM is not reported as running");

/** The conditions of a machine by type, whose instance is so. */
function shown(
  phase: Phase | undefined,
  conditions: Condition[] = [],
  { reason, before = [], failures = 0 }: { reason?: string; before?: Condition[]; failures?: number } = {},
): readonly Condition[] {
  return conditionsOf({
    machine: aSlimMachine({ status: { conditions: before } }),
    instance: phase && aSlimInstance({ status: { phase, conditions, ...(reason ? { reason } : {}) } }),
    failure: undefined,
    startFailure: failures > 0 ? { consecutiveFailCount: failures } : undefined,
    now,
  });
}

const readyOf = (...facts: Parameters<typeof shown>) => conditionOf(shown(...facts), "Ready");

describe("why a machine is not ready", () => {
  test.for<[string, Condition]>([
    ["a step on its node failed", no("Synchronized", "SyncFailed", 'take-kernel: there is no "/boot/vmlinuz"')],
    ["its pod was refused", no("Synchronized", "FailedCreate", "exceeded quota: q")],
    ["there is no node for it", no("PodScheduled", "Unschedulable", "0/1 nodes are available")],
  ])("%s", ([, { type, reason, message }]) => {
    const ready = readyOf("Scheduled", [notRunning, { type, status: "False", reason, message }]);
    expect(ready).toMatchObject({ status: "False", reason, message });
  });

  test("its image cannot be pulled", () => {
    const condition = no("Ready", "ImagePullBackOff", "no such image");
    expect(readyOf("Scheduled", [condition])).toMatchObject(condition);
  });

  test("its guest has ended, and how", () => {
    const ended = no("Ready", "GuestNotRunning", "The guest has ended.");
    const ready = readyOf("Failed", [ended], { reason: "QEMU crashed or was killed." });
    expect(ready).toMatchObject({ reason: "GuestNotRunning", message: "QEMU crashed or was killed." });
  });

  test("its last start failed, and the next one is still to come", () => {
    const before = [no("Ready", "GuestNotRunning", "QEMU could not be started.")];
    expect(readyOf(undefined, [], { before, failures: 2 })).toMatchObject(before[0] ?? {});
    expect(readyOf(undefined, [], { before })?.reason).toBe("VMINotExists");
  });

  test("a guest that runs is as ready as it says, whatever else failed", () => {
    const failed = no("Synchronized", "SyncFailed", "attach-network");
    const paused = no("Ready", "GuestNotRunning", "The guest is paused.");
    expect(readyOf("Running", [{ type: "Ready", status: "True" }, failed])?.status).toBe("True");
    expect(readyOf("Running", [paused, failed])).toMatchObject(paused);
  });
});

test("each condition of a machine says of which generation it is, for kubectl waits for none of before", () => {
  const running = [{ type: "Ready", status: "True" } as const, { type: "AgentConnected", status: "True" } as const];
  expect(shown("Running", running).map(({ observedGeneration }) => observedGeneration)).toEqual([1, 1]);
});

test("a machine has the conditions of its instance, for as long as that has them", () => {
  const agent: Condition = { type: "AgentConnected", status: "True" };
  const migratable = no("LiveMigratable", "NotMigratable", "it is not supported");
  const first = shown("Running", [{ type: "Ready", status: "True" }, agent, migratable]);
  expect(first).toEqual([
    expect.objectContaining({ type: "Ready", status: "True" }),
    expect.objectContaining(agent),
    expect.objectContaining(migratable),
  ]);
  const types = (conditions: readonly Condition[]): string[] => conditions.map(({ type }) => type);
  expect(types(shown("Running", [migratable], { before: [...first] }))).toEqual(["Ready", "LiveMigratable"]);
  expect(types(shown(undefined, [], { before: [...first] }))).toEqual(["Ready"]);
});
