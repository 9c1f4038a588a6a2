import { expect, test } from "vitest";
import type { Claim, Pod } from "../../../api/kube/resources/core-resources.ts";
import { placeholderPod } from "../../../controller/vmi/placeholder-pod.ts";
import { claimModeOf } from "../../../node-daemon/steps/claim-mode.ts";
import type { StepContext } from "../../../node-daemon/steps/context.ts";
import { settings } from "../../controller/builders.ts";
import { anInstance } from "../an-instance.ts";

const claimVolume = { name: "data", persistentVolumeClaim: { claimName: "disk" } };
const instance = anInstance({ spec: { volumes: [claimVolume] } });
const aClaim = (volumeMode: string): Claim => ({ metadata: { name: "disk" }, spec: { volumeMode } });
const made = (volumeMode: string): Pod => placeholderPod(instance, settings, new Map([["disk", aClaim(volumeMode)]]));
const modeIn = (pod: Pod | undefined): string => claimModeOf({ instance, pod } as StepContext, claimVolume);

test("a claim is a device or a folder as the placeholder was made with it", () => {
  expect(modeIn(made("Block"))).toBe("device");
  expect(modeIn(made("Filesystem"))).toBe("folder");
});

const changed = (change: (spec: NonNullable<Pod["spec"]>) => void): Pod => {
  const pod = structuredClone(made("Block"));
  if (pod.spec) change(pod.spec);
  return pod;
};

test.for<[string, Pod | undefined]>([
  ["that is not there", undefined],
  ["without the volume", changed((spec) => delete spec.volumes)],
  [
    "with another claim",
    changed(({ volumes: [volume] = [] }) => Object.assign(volume?.persistentVolumeClaim ?? {}, { claimName: "other" })),
  ],
  ["without the device", changed(({ containers: [container] }) => delete container?.volumeDevices)],
  [
    "with the device at another path",
    changed(({ containers: [container] }) =>
      Object.assign(container?.volumeDevices?.[0] ?? {}, { devicePath: "/dev/x" }),
    ),
  ],
  [
    "with the device in another container",
    changed(({ containers: [container] }) => Object.assign(container ?? {}, { name: "other" })),
  ],
])("no claim is taken from a pod %s", ([, pod]) => {
  expect(() => modeIn(pod)).toThrow('volume "data": the placeholder pod was not made with its claim');
});
