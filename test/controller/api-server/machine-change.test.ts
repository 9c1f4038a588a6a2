import { expect, test } from "vitest";
import {
  type MachineChange,
  restartChange,
  startChange,
  stopChange,
} from "../../../controller/api-server/machine-change.ts";
import type { SlimInstance } from "../../../controller/cache/slim-instance.ts";
import type { SlimMachine } from "../../../controller/cache/slim-machine.ts";

const aMachine = (runStrategy: string, status?: object): SlimMachine =>
  ({ metadata: { name: "web", resourceVersion: "7" }, spec: { runStrategy }, status }) as unknown as SlimMachine;
const anInstance = (phase: string): SlimInstance =>
  ({ metadata: { uid: "u1" }, terminationGracePeriodSeconds: 30, status: { phase } }) as unknown as SlimInstance;

const requests = ({ patch, subresource }: MachineChange): unknown => [
  subresource,
  patch.flatMap((one) => ("value" in one && one.op === "add" ? [one.value] : [])),
];
const said = (change: () => MachineChange): string => {
  try {
    change();
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Operation .*": /, "") : "";
  }
  return "";
};

test("a halted machine is started by its run strategy, unless it is to start paused", () => {
  expect(startChange(aMachine("Halted"), undefined).patch).toEqual([
    { op: "test", path: "/spec/runStrategy", value: "Halted" },
    { op: "replace", path: "/spec/runStrategy", value: "Always" },
  ]);
  expect(requests(startChange(aMachine("Halted", {}), undefined, { paused: true }))).toEqual([
    "status",
    [[{ action: "Start", data: { paused: "true" } }]],
  ]);
});

test("a machine with the older form of the run strategy keeps that form", () => {
  const machine = { metadata: {}, spec: { running: false } } as unknown as SlimMachine;
  expect(startChange(machine, undefined).patch.at(-1)).toEqual({ op: "replace", path: "/spec/running", value: true });
});

test("an instance that has ended is stopped on the way to the next", () => {
  expect(requests(startChange(aMachine("Manual", {}), anInstance("Failed")))).toEqual([
    "status",
    [[{ action: "Stop", uid: "u1" }, { action: "Start" }]],
  ]);
  expect(said(() => startChange(aMachine("RerunOnFailure"), anInstance("Failed")))).toBe(
    "RerunOnFailure does not support starting VM from failed state",
  );
});

test("a stop takes the place of a start that is not done yet, and nothing else does", () => {
  const starting = aMachine("Manual", { stateChangeRequests: [{ action: "Start" }] });
  expect(requests(stopChange(starting, anInstance("Scheduling")))).toEqual([
    "status",
    [[{ action: "Stop", uid: "u1" }]],
  ]);
  const stopping = aMachine("Manual", { stateChangeRequests: [{ action: "Stop", uid: "u1" }] });
  expect(said(() => stopChange(stopping, anInstance("Running")))).toMatch(/already underway/);
  expect(said(() => startChange(stopping, undefined))).toMatch(/already underway/);
});

test.for(["Manual", "RerunOnFailure"])("a %s machine that starts in vain can be stopped", (strategy) => {
  const starting = aMachine(strategy, { stateChangeRequests: [{ action: "Start" }] });
  const stopped = ["status", [[{ action: "Stop" }]]];
  expect(requests(stopChange(starting, undefined, 5))).toEqual(stopped);
  expect(requests(stopChange(starting, anInstance("Failed")))).toEqual(stopped);
  expect(said(() => stopChange(aMachine(strategy, {}), anInstance("Failed")))).toBe("VM is not running");
  const stopping = aMachine(strategy, {
    stateChangeRequests: [{ action: "Stop", uid: "u1" }, { action: "Start" }],
  });
  expect(said(() => stopChange(stopping, anInstance("Failed")))).toBe("VM is not running");
});

test("a machine that always runs can be halted without an instance, as in a crash loop", () => {
  expect(stopChange(aMachine("Always"), undefined).patch.at(-1)).toMatchObject({ value: "Halted" });
});

test("a start that a machine still has before it is taken back when it is halted", () => {
  const starting = aMachine("Always", { stateChangeRequests: [{ action: "Start", data: { paused: "true" } }] });
  expect(stopChange(starting, undefined)).toMatchObject({
    withdrawal: [
      { op: "test", value: [{ action: "Start", data: { paused: "true" } }] },
      { op: "add", path: "/status/stateChangeRequests", value: [{ action: "Stop" }] },
    ],
  });
  expect(stopChange(aMachine("Always", {}), undefined).withdrawal).toBeUndefined();
});

test("a halted machine that is going down can be hurried", () => {
  expect(stopChange(aMachine("Halted"), anInstance("Running"), 5)).toEqual({ patch: [], gracePeriod: 5 });
  expect(said(() => stopChange(aMachine("Halted"), anInstance("Running")))).toMatch(/shorter graceperiod/);
  expect(said(() => stopChange(aMachine("Halted"), anInstance("Running"), 60))).toMatch(/shorter graceperiod/);
  expect(said(() => stopChange(aMachine("Halted"), undefined))).toBe("VM is not running");
});

test("a restart that is forced leaves the guest no time", () => {
  expect(restartChange(aMachine("Always", {}), anInstance("Running"), 0).gracePeriod).toBe(0);
  expect(restartChange(aMachine("Always", {}), anInstance("Running")).gracePeriod).toBeUndefined();
  for (const strategy of ["Halted", "Once"]) {
    expect(said(() => restartChange(aMachine(strategy), anInstance("Running")))).toMatch(/manual restart requests/);
  }
});
