import { expect, test } from "vitest";
import type { VirtualMachine, VirtualMachineInstance } from "../../../api/resources.ts";
import { verdictOn } from "../../../cli/console/verdict.ts";

const machine = (
  runStrategy: "Always" | "Halted" | "RerunOnFailure" | "Manual",
  status: VirtualMachine["status"] = {},
): VirtualMachine => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "web" },
  spec: { runStrategy, template: { spec: { domain: { devices: {} } } } },
  status,
});
const instance = (phase: "Running" | "Succeeded" | "Failed"): VirtualMachineInstance => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachineInstance",
  metadata: { name: "web" },
  spec: { domain: { devices: {} } },
  status: { phase },
});

test("a cut connection to a machine that runs is made again", () => {
  const state = { machine: machine("Always"), instance: instance("Running") };
  expect(verdictOn("web", { code: 1006, reason: "" }, state)).toEqual({
    next: "reconnect",
    text: "connection lost (it was cut); reconnecting",
  });
});

test("when nobody can say how the machine is, the connection is made again", () => {
  expect(verdictOn("web", { code: 1001, reason: "restarting" }, undefined)).toMatchObject({ next: "reconnect" });
});

test("who is displaced does not come again", () => {
  const state = { machine: machine("Always"), instance: instance("Running") };
  expect(verdictOn("web", { code: 1001, reason: "EOF: bob has taken over this console" }, state)).toEqual({
    next: "end",
    text: "bob has taken over this console",
    exitCode: 1,
  });
});

test.for([
  ["Always", "Succeeded", "wait"],
  ["RerunOnFailure", "Failed", "wait"],
  ["RerunOnFailure", "Succeeded", "end"],
  ["Halted", "Succeeded", "end"],
  ["Manual", "Failed", "end"],
] as const)("under %s, after %s: %s", ([strategy, phase, next]) => {
  const state = { machine: machine(strategy), instance: instance(phase) };
  expect(verdictOn("web", { code: 1000, reason: "" }, state)).toMatchObject({ next });
});

test("a restart that was asked for is waited for", () => {
  const state = { machine: machine("Manual", { stateChangeRequests: [{ action: "Start" }] }), instance: undefined };
  expect(verdictOn("web", { code: 1006, reason: "" }, state)).toMatchObject({ next: "wait" });
});
