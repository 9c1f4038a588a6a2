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

/** An event that the API server was first told of at a time, by a node whose clock is minutes behind, or ahead. */
const anEvent = (kind: string, uid: string, made?: string, node: string = after): Event => ({
  metadata: made === undefined ? {} : { creationTimestamp: made },
  involvedObject: { apiVersion: kind === "Pod" ? "v1" : "kubevirt.io/v1", kind, name: "web", uid },
  reason: uid,
  firstTimestamp: node,
  lastTimestamp: node,
});
const happened: readonly Event[] = [
  anEvent("VirtualMachine", "earlier machine", before),
  anEvent("VirtualMachine", "other machine", after),
  anEvent("VirtualMachineInstance", "earlier run", before),
  anEvent("VirtualMachineInstance", "earlier run on a node that is ahead", before, "2026-01-01T10:05:00Z"),
  anEvent("VirtualMachineInstance", "run of no time"),
  anEvent("VirtualMachine", "machine", at),
  anEvent("VirtualMachineInstance", "first run", at),
  anEvent("VirtualMachineInstance", "second run", after, "2026-01-01T09:55:00Z"),
  anEvent("VirtualMachineInstance", "run", after),
  anEvent("Pod", "pod of the name", after),
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
  const older = anEvent("VirtualMachineInstance", "run", before);
  expect(reasons(ownEvents([older], { machine, instance }))).toEqual(["run"]);
});
