import { expect, test } from "vitest";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import { desiredOf } from "../../../node-daemon/core/desired.ts";
import { endingOf } from "../../../node-daemon/core/ending.ts";
import type { DomainObservation } from "../../../node-daemon/drivers/hypervisor.ts";
import { askedToEnd, placeholderOf } from "../../../node-daemon/instance/placeholder.ts";
import { anInstance } from "../an-instance.ts";

const deleted = anInstance({
  metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
  spec: { terminationGracePeriodSeconds: 20 },
});
const off = (reason: string): DomainObservation => ({
  identity: { namespace: "default", name: "db", uid: "u" },
  state: "off",
  reason,
  diskErrors: [],
  agent: false,
  machine: undefined,
});
const aPod = (metadata: object = {}, status: object = { phase: "Running" }): Pod => ({
  metadata: { uid: "p", creationTimestamp: "2026-01-01T00:00:00Z", ...metadata },
  status,
});
const there = placeholderOf(aPod());

test("a guest whose pod the kubelet ends has the pod's time less ours, and has failed, of which the probe is told", () => {
  const pod: Pod = {
    ...aPod(),
    spec: { terminationGracePeriodSeconds: 35, containers: [{ name: "compute", livenessProbe: {} }] },
  };
  const asked = askedToEnd(pod, "p");
  expect(desiredOf(anInstance(), asked)).toEqual({ goal: "stop", grace: 20_000 });
  expect(endingOf(anInstance(), asked, off("SHUTDOWN"), true)).toEqual({
    phase: "Failed",
    message: expect.stringMatching(
      /^The machine was stopped: the kubelet ends its placeholder pod.*livenessProbe/,
    ) as string,
  });
});

test.each([
  ["SHUTDOWN", "Succeeded"],
  ["CRASHED", "Failed"],
  ["DESTROYED", "Failed"],
  ["UNKNOWN", "Failed"],
])("a guest that ended by %s, unasked, has %s", (reason, phase) => {
  expect(endingOf(anInstance(), there, off(reason), true)).toMatchObject({ phase });
});

test.each([
  ["SHUTDOWN", "Succeeded"],
  ["DESTROYED", "Succeeded"],
  ["CRASHED", "Failed"],
])("a guest that ended by %s when it was deleted has %s", (reason, phase) => {
  expect(endingOf(deleted, there, off(reason), true)).toMatchObject({ phase });
});

test("a guest whose pod was deleted has failed: its strategy may start it elsewhere", () => {
  const pod = placeholderOf(aPod({ deletionTimestamp: "2026-01-01T00:00:45Z" }));
  expect(endingOf(anInstance(), pod, off("SHUTDOWN"), true)).toMatchObject({ phase: "Failed" });
});

test("a deleted instance has its grace period, whatever the API server's clock says", () => {
  expect(desiredOf(deleted, there)).toEqual({ goal: "stop", grace: 20_000 });
});

test("an instance whose pod was deleted has what the grace period of that deletion leaves it", () => {
  const spec = { terminationGracePeriodSeconds: 3600, containers: [] };
  const deletedFor = (seconds?: number): Pod => ({
    ...aPod({ deletionTimestamp: "2026-01-01T00:00:45Z", deletionGracePeriodSeconds: seconds }),
    spec,
  });
  const goalOf = (pod: Pod) => desiredOf(anInstance(), placeholderOf(pod));
  expect(goalOf(deletedFor(45))).toEqual({ goal: "stop", grace: 30_000 });
  expect(goalOf(deletedFor(5))).toEqual({ goal: "stop", grace: -10_000 });
  expect(goalOf(deletedFor())).toEqual({ goal: "stop", grace: 3_585_000 });
});

test("an instance whose pod has failed ends at once, with the kubelet's words", () => {
  const pod = placeholderOf(aPod({}, { phase: "Failed", reason: "Evicted", message: "The node was low on memory." }));
  expect(desiredOf(anInstance(), pod)).toEqual({ goal: "stop", grace: 0 });
  expect(endingOf(anInstance(), pod, off("CRASHED"), true).message).toContain("The node was low on memory.");
});

test("an instance that has ended leaves its log, and vanishes when it is deleted, not known, or has no log", () => {
  const ended = { status: { phase: "Failed" } };
  expect(desiredOf(anInstance(ended), there)).toEqual({ goal: "leave-log" });
  const { metadata } = deleted;
  expect(desiredOf(anInstance({ ...ended, metadata }), there)).toEqual({ goal: "vanish" });
  const unlogged = anInstance({ ...ended, spec: { domain: { devices: { logSerialConsole: false } } } });
  expect(desiredOf(unlogged, there)).toEqual({ goal: "vanish" });
  expect(desiredOf(undefined, there)).toEqual({ goal: "vanish" });
});

test("a volume that this daemon cannot make is refused by its field", () => {
  const spec = {
    volumes: [
      { name: "a", emptyDisk: { capacity: "1Gi" } },
      { name: "b", sysprep: {} },
    ],
  };
  expect(() => desiredOf(anInstance({ spec }), there)).toThrow("spec.volumes[1].sysprep: not supported");
});
