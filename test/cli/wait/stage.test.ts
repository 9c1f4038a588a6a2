import { expect, test } from "vitest";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../../api/resources.ts";
import type { StateChangeRequest } from "../../../api/schema/virtual-machine.ts";
import { type Observed, stageOf } from "../../../cli/wait/stage.ts";

const anInstance = (status: VirtualMachineInstance["status"]): VirtualMachineInstance => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachineInstance",
  metadata: { name: "web" },
  spec: { domain: { devices: {} } },
  status,
});
const aMachine = (stateChangeRequests: StateChangeRequest[]): VirtualMachine => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "web" },
  spec: { runStrategy: "Manual", template: { spec: { domain: { devices: {} } } } },
  status: { stateChangeRequests },
});
const aPod = (spec: NonNullable<Pod["spec"]>, status: NonNullable<Pod["status"]> = {}): Pod => ({ spec, status });
const onNode = { nodeName: "node-1", containers: [] };
const pulling = { reason: "Pulling", message: 'Pulling image "debian:12"', involvedObject: {}, metadata: {} };

const stages: readonly (readonly [string, Observed, string])[] = [
  ["nobody has looked at it", {}, "underway: waiting for the controller"],
  ["it has no pod", { instance: anInstance({ phase: "Pending" }) }, "underway: making its pod"],
  [
    "it is about to be placed",
    { instance: anInstance({ phase: "Scheduling" }), pod: aPod({ containers: [] }) },
    "underway: looking for a node",
  ],
  [
    "it is on a node",
    { instance: anInstance({ phase: "Scheduling" }), pod: aPod(onNode) },
    "underway: placed on node-1, making its pod",
  ],
  [
    "an image is pulled",
    { instance: anInstance({ phase: "Scheduled" }), pod: aPod(onNode), podEvents: [pulling] },
    'underway: placed on node-1, pulling image "debian:12"',
  ],
  [
    "an image can't be pulled",
    {
      instance: anInstance({ phase: "Scheduled" }),
      pod: aPod(onNode, {
        containerStatuses: [
          {
            name: "compute",
            image: "",
            imageID: "",
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } },
          },
        ],
      }),
    },
    "failed: no such image",
  ],
  [
    "its node has it, and nothing is heard of its pod",
    { instance: anInstance({ phase: "Scheduled", nodeName: "node-1" }) },
    "underway: placed on node-1",
  ],
  ["it boots", { instance: anInstance({ phase: "Running", nodeName: "node-1" }) }, "underway: booting on node-1"],
  [
    "it runs",
    { instance: anInstance({ phase: "Running", nodeName: "node-1", conditions: [{ type: "Ready", status: "True" }] }) },
    "done: runs on node-1",
  ],
  [
    "it is to start paused",
    { instance: anInstance({ phase: "Running", nodeName: "n", conditions: [{ type: "Paused", status: "True" }] }) },
    "done: is paused on n",
  ],
  [
    "it failed",
    { instance: anInstance({ phase: "Failed", reason: "OOM" }) },
    "failed: the virtual machine failed: OOM",
  ],
  [
    "its guest has shut down, and nothing is asked for",
    { machine: aMachine([]), instance: anInstance({ phase: "Succeeded" }) },
    "failed: the guest has shut down already",
  ],
  [
    "its last run failed, and is in the way of the next",
    {
      machine: aMachine([{ action: "Stop", uid: "1" }, { action: "Start" }]),
      instance: anInstance({ phase: "Failed" }),
    },
    "underway: waiting for the last run to end",
  ],
  [
    "its last run is about to be gone",
    { machine: aMachine([{ action: "Start" }]), instance: anInstance({ phase: "Succeeded" }) },
    "underway: waiting for the last run to end",
  ],
];

test.for(stages)("%s", ([_what, observed, expected]) => {
  const { state, text } = stageOf(observed);
  expect(`${state}: ${text}`).toBe(expected);
});
