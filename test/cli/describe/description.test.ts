import { expect, test } from "vitest";
import type { VirtualMachine } from "../../../api/resources.ts";
import type { Volume } from "../../../api/schema/volume.ts";
import { description } from "../../../cli/describe/description.ts";

/** What is told of where a disk comes from. */
function sourceOf(source: Omit<Volume, "name">): string | undefined {
  const spec = { domain: { devices: {} }, volumes: [{ name: "disk", ...source }] };
  const text = description({
    instance: { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", metadata: { name: "web" }, spec },
  });
  return /^ +disk +disk +(.*)$/m.exec(text)?.[1];
}

test.for<[Omit<Volume, "name">, string]>([
  [{ containerDisk: { image: "debian:12" } }, "containerDisk debian:12"],
  [{ emptyDisk: { capacity: "1Gi" } }, "emptyDisk 1Gi"],
  [{ persistentVolumeClaim: { claimName: "data" } }, "persistentVolumeClaim data"],
  [{ ephemeral: { persistentVolumeClaim: { claimName: "data" } } }, "ephemeral data"],
  [{ dataVolume: { name: "data" } }, "dataVolume data"],
  [{ configMap: { name: "settings", volumeLabel: "conf" } }, "configMap settings"],
  [{ secret: { secretName: "keys", optional: true } }, "secret keys"],
  [{ serviceAccount: { serviceAccountName: "robot" } }, "serviceAccount robot"],
  [{ downwardAPI: { fields: [] } }, "downwardAPI"],
])("a disk of %j is told by what it is made of", ([source, told]) => {
  expect(sourceOf(source)).toBe(told);
});

test("what cloud-init is given is not shown, as it may hold passwords", () => {
  const data = { userData: "password: x", networkData: "wifi: y" };
  expect(sourceOf({ cloudInitNoCloud: data })).toBe("cloudInitNoCloud (userData, networkData)");
  expect(sourceOf({ cloudInitConfigDrive: data })).toBe("cloudInitConfigDrive (userData, networkData)");
});

test("a machine that the controller has not looked at has no line about its status", () => {
  const spec = { runStrategy: "Always" as const, template: { spec: { domain: { devices: {} } } } };
  const machine: VirtualMachine = {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name: "web" },
    spec,
  };
  expect(description({ machine })).not.toMatch(/Status|Unknown/);
  expect(description({ machine: { ...machine, status: { printableStatus: "Unknown" } } })).toMatch(
    /^Status: +Unknown$/m,
  );
});
