import { expect, test } from "vitest";
import { initialStatus, withDefaults } from "../../api/defaults.ts";
import type { InstanceSpec } from "../../api/schema/instance-spec.ts";
import type { VirtualMachineInstance } from "../../api/schema/virtual-machine-instance.ts";
import { pullPolicyOf } from "../../api/spec-defaults.ts";
import { validate } from "../../api/validate.ts";
import { anInstance, aSpec } from "./builders.ts";
import { manifests } from "./manifests.ts";

const specOf = (fields: Partial<InstanceSpec>) => withDefaults(anInstance(fields)).spec;
const instances = manifests()
  .map(({ file, object }) => ({ file, instance: object as unknown as VirtualMachineInstance }))
  .filter(({ instance }) => instance.kind === "VirtualMachineInstance");

test("the least of an instance becomes a whole machine", () => {
  expect(specOf({ domain: { resources: { requests: { memory: "64Mi" } } } })).toEqual({
    domain: {
      cpu: { cores: 1, sockets: 1, threads: 1 },
      devices: { interfaces: [{ name: "default", masquerade: {}, model: "virtio" }] },
      firmware: {
        uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      },
      machine: { type: "q35" },
      memory: { guest: "64Mi" },
      resources: { requests: { memory: "64Mi" } },
    },
    networks: [{ name: "default", pod: {} }],
    terminationGracePeriodSeconds: 30,
  });
});

test("what the guest sees is requested, and the other way round", () => {
  expect(specOf({ domain: { memory: { guest: "1Gi" } } }).domain.resources).toEqual({ requests: { memory: "1Gi" } });
  const both = specOf({ domain: { memory: { guest: "2Gi" }, resources: { requests: { memory: "1Gi", cpu: 1 } } } });
  expect(both.domain.memory).toEqual({ guest: "2Gi" });
  expect(both.domain.resources).toEqual({ requests: { memory: "1Gi", cpu: 1 } });
  const limited = specOf({ domain: { resources: { limits: { memory: "1Gi" } } } });
  expect(limited.domain.memory).toEqual({ guest: "1Gi" });
  expect(limited.domain.resources?.requests).toEqual({ memory: "1Gi" });
});

test("each volume has a disk, and each disk a kind and a bus", () => {
  const { domain, volumes } = specOf({
    domain: {
      memory: { guest: "1Gi" },
      devices: {
        disks: [
          { name: "tools", cdrom: {} },
          { name: "data", disk: { bus: "sata" } },
        ],
      },
    },
    volumes: [
      { name: "root", containerDisk: { image: "localhost/tiny" } },
      { name: "data", emptyDisk: { capacity: "1Gi" } },
      { name: "tools", containerDisk: { image: "localhost/tools:1" } },
    ],
  });
  expect(domain.devices?.disks).toEqual([
    { name: "tools", cdrom: { bus: "sata", readonly: true } },
    { name: "data", disk: { bus: "sata" } },
    { name: "root", disk: { bus: "virtio" } },
  ]);
  expect(volumes?.map(({ containerDisk }) => containerDisk?.imagePullPolicy)).toEqual([
    "Always",
    undefined,
    "IfNotPresent",
  ]);
});

test("a machine that wants no network gets none", () => {
  const spec = specOf({ domain: { memory: { guest: "1Gi" }, devices: { autoattachPodInterface: false } } });
  expect(spec.networks).toBeUndefined();
  expect(spec.domain.devices?.interfaces).toBeUndefined();
});

test("an interface on the pods' network is masqueraded unless it says otherwise", () => {
  const spec = specOf({
    domain: { memory: { guest: "1Gi" }, devices: { interfaces: [{ name: "lan", model: "e1000" }] } },
    networks: [{ name: "lan", pod: {} }],
  });
  expect(spec.domain.devices?.interfaces).toEqual([{ name: "lan", model: "e1000", masquerade: {} }]);
});

test("a machine keeps its UUID, and no two share one", () => {
  const uuid = (namespace: string, name: string) =>
    withDefaults({ ...anInstance(), metadata: { namespace, name } }).spec.domain.firmware?.uuid;
  expect(uuid("a", "web")).toBe(uuid("a", "web"));
  expect(new Set([uuid("a", "web"), uuid("b", "web"), uuid("a", "db")]).size).toBe(3);
});

test.for(instances)(
  "$file: what is there stays, doing it again changes nothing, and the result is valid",
  ({ instance }) => {
    const once = withDefaults(instance);
    expect(once).toMatchObject(instance);
    expect(withDefaults(once)).toEqual(once);
    expect(validate(once)).toEqual([]);
  },
);

test("the instance that is given is not changed", () => {
  const instance = Object.freeze({ ...anInstance(), spec: Object.freeze(aSpec()) });
  withDefaults(instance);
  expect(instance).toEqual(anInstance());
});

test("an instance begins Pending", () => {
  expect(initialStatus(new Date("2026-01-02T03:04:05.678Z"))).toEqual({
    phase: "Pending",
    phaseTransitionTimestamps: [{ phase: "Pending", phaseTransitionTimestamp: "2026-01-02T03:04:05Z" }],
  });
});

test.for([
  ["tiny", "Always"],
  ["localhost:5000/tiny", "Always"],
  ["localhost:5000/tiny:latest", "Always"],
  ["localhost/tiny:1.2", "IfNotPresent"],
  ["localhost/tiny@sha256:00", "IfNotPresent"],
] as const)("%s is pulled %s", ([image, policy]) => {
  expect(pullPolicyOf(image)).toBe(policy);
});
