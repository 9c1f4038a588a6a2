import { expect, test } from "vitest";
import type { Event } from "../../../api/kube/events.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../../api/resources.ts";
import { ownEvents } from "../../../cli/describe/own-events.ts";

const [before, at, after] = ["2026-01-01T09:59:59Z", "2026-01-01T10:00:00Z", "2026-01-01T10:00:01Z"] as const;
const instance: VirtualMachineInstance = {
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachineInstance",
  metadata: { name: "web", uid: "run" },
  spec: { domain: { devices: {} } },
};
const machine: VirtualMachine = {
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "web", uid: "machine", creationTimestamp: at },
  spec: { runStrategy: "Always", template: { spec: instance.spec } },
};

const anEvent = (kind: string, uid: string, times: Partial<Event>): Event => ({
  metadata: {},
  involvedObject: { apiVersion: kind === "Pod" ? "v1" : "kubevirt.io/v1", kind, name: "web", uid },
  reason: uid,
  ...times,
});
const happened: readonly Event[] = [
  anEvent("VirtualMachine", "earlier machine", { lastTimestamp: before }),
  anEvent("VirtualMachine", "other machine", { lastTimestamp: after }),
  anEvent("VirtualMachineInstance", "earlier run", { lastTimestamp: before }),
  anEvent("VirtualMachineInstance", "earlier run", { eventTime: "2026-01-01T09:59:59.999999Z" }),
  anEvent("VirtualMachineInstance", "run of no time", {}),
  anEvent("VirtualMachine", "machine", { lastTimestamp: at }),
  anEvent("VirtualMachineInstance", "first run", { lastTimestamp: at }),
  anEvent("VirtualMachineInstance", "second run", { eventTime: "2026-01-01T10:00:00.000001Z" }),
  anEvent("VirtualMachineInstance", "run", { lastTimestamp: after }),
  anEvent("Pod", "pod of the name", { lastTimestamp: after }),
];
const reasons = (events: readonly Event[]): unknown[] => events.map(({ reason }) => reason);

test("what happened to a machine and its runs is no earlier machine's of the name", () => {
  const own = ["machine", "first run", "second run", "run"];
  expect(reasons(ownEvents(happened, { machine, instance }))).toEqual(own);
  expect(reasons(ownEvents(happened, { machine }))).toEqual(own);
});

test("what happened to an instance is no other run's", () => {
  expect(reasons(ownEvents(happened, { instance }))).toEqual(["run"]);
});

test("the run that a machine has found counts, though it is older", () => {
  const older = anEvent("VirtualMachineInstance", "run", { lastTimestamp: before });
  expect(reasons(ownEvents([older], { machine, instance }))).toEqual(["run"]);
});
