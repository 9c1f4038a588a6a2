import { machineContainer } from "../../api/contract/constants.ts";
import { claimDevice, claimOf, claimPath } from "../../api/contract/placeholder-volumes.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { Volume } from "../../api/schema/volume.ts";
import type { ClaimMode } from "../drivers/pods.ts";
import type { StepContext } from "./context.ts";

/**
 * The way the placeholder has a volume's claim, from the pod's spec: the kubelet and the API server have checked it,
 * and nobody can change it. Throws when the pod was not made with that claim.
 */
export function claimModeOf({ pod }: StepContext, volume: Volume): ClaimMode {
  const { name } = volume;
  const claim = claimOf(volume);
  const { containers = [], volumes = [] } = pod?.spec ?? {};
  const source = volumes.find((one) => one.name === name)?.persistentVolumeClaim;
  const container = containers.find((one) => one.name === machineContainer);
  if (claim && container && source?.claimName === claim.claimName) {
    if (isMapped(container, name)) return "device";
    if (isMounted(container, name)) return "folder";
  }
  throw new Error(`volume "${name}": the placeholder pod was not made with its claim`);
}

type Container = NonNullable<Pod["spec"]>["containers"][number];

function isMapped({ volumeDevices = [] }: Container, volume: string): boolean {
  return volumeDevices.some(({ name, devicePath }) => name === volume && devicePath === claimDevice(volume));
}

function isMounted({ volumeMounts = [] }: Container, volume: string): boolean {
  return volumeMounts.some(({ name, mountPath }) => name === volume && mountPath === claimPath(volume));
}
