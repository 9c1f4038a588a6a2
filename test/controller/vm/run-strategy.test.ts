import { expect, test } from "vitest";
import type { StateChangeRequest } from "../../../api/schema/virtual-machine.ts";
import type { Phase } from "../../../api/status/phases.ts";
import type { RunStrategy } from "../../../api/status/virtual-machine-states.ts";
import { decide } from "../../../controller/vm/run-strategy.ts";
import { aSlimInstance, aSlimMachine } from "../builders.ts";

const start: StateChangeRequest = { action: "Start" };
const stop: StateChangeRequest = { action: "Stop", uid: "i" };

function decided(strategy: RunStrategy, phase: Phase | undefined, requests: StateChangeRequest[], last?: RunStrategy) {
  const machine = aSlimMachine({
    spec: { runStrategy: strategy },
    ...(last ? { status: { runStrategy: last } } : {}),
  });
  const instance = phase && aSlimInstance({ metadata: { name: "demo", uid: "i" }, status: { phase } });
  return decide({ machine, instance, requests, startsIn: 0 }).action;
}

test.for<[RunStrategy, Phase | undefined, StateChangeRequest[], string]>([
  ["Always", undefined, [], "start"],
  ["Always", "Running", [], "none"],
  ["Always", "Succeeded", [], "stop"],
  ["Always", "Failed", [], "stop"],
  ["Always", "Running", [stop, start], "stop"],
  ["Halted", undefined, [], "none"],
  ["Halted", "Running", [], "stop"],
  ["Halted", undefined, [start], "turnOn"],
  ["Manual", undefined, [], "none"],
  ["Manual", undefined, [start], "start"],
  ["Manual", "Running", [], "none"],
  ["Manual", "Running", [stop], "stop"],
  ["Manual", "Succeeded", [], "none"],
  ["Manual", "Succeeded", [start], "stop"],
  ["Manual", "Succeeded", [{ action: "Stop" }], "stop"],
  ["RerunOnFailure", undefined, [], "start"],
  ["RerunOnFailure", "Running", [], "none"],
  ["RerunOnFailure", "Running", [stop], "stop"],
  ["RerunOnFailure", "Failed", [start], "stop"],
  ["RerunOnFailure", "Succeeded", [], "stop"],
  ["Once", undefined, [], "start"],
  ["Once", "Running", [], "none"],
  ["Once", "Failed", [], "none"],
  ["Once", "Running", [stop], "stop"],
])("%s with an instance that is %s and requests %j: %s", ([strategy, phase, requests, action]) => {
  expect(decided(strategy, phase, requests)).toBe(action);
});

test.for<[RunStrategy, string]>([
  ["Always", "start"],
  ["RerunOnFailure", "none"],
  ["Once", "none"],
])("%s without an instance, when it was in force before: %s", ([strategy, action]) => {
  expect(decided(strategy, undefined, [], strategy)).toBe(action);
});

test("an instance on its way out is waited for", () => {
  const instance = aSlimInstance({ metadata: { name: "demo", deletionTimestamp: "2026-01-01T10:00:00Z" } });
  const machine = aSlimMachine({ spec: { runStrategy: "Halted" } });
  expect(decide({ machine, instance, requests: [], startsIn: 0 }).action).toBe("none");
});

test("a machine whose starts failed waits for its time", () => {
  const waits = { machine: aSlimMachine(), instance: undefined, requests: [], startsIn: 7000 };
  expect(decide(waits)).toEqual({ action: "wait", after: 7000 });
  expect(decide({ ...waits, startsIn: 0 }).action).toBe("start");
});
