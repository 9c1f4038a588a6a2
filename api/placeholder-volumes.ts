import { instanceIdLabel } from "./names.ts";
import type { Volume } from "./schema/volume.ts";

/*
 * Where volumes are in the placeholder's container: the controller has the kubelet put them there, and the node daemon
 * finds them by that.
 */

/** Where the placeholder mounts the image of a container disk. */
export function containerDiskPath(volume: string): string {
  return `/var/run/kubevirt/container-disks/${volume}`;
}

/** Where the placeholder mounts a claim of mode Filesystem. */
export function claimPath(volume: string): string {
  return `/var/run/kubevirt/claims/${volume}`;
}

/** Where the placeholder mounts a volume of its own whose files the node daemon reads, such as a Secret. */
export function mountedFilesPath(podVolume: string): string {
  return `/var/run/kubevirt/files/${podVolume}`;
}

/** How a volume uses a PersistentVolumeClaim. */
export interface ClaimUse {
  readonly claimName: string;
  readonly readOnly: boolean;
}

/** The claim below a volume, if there is one. */
export function claimOf({ persistentVolumeClaim: claim }: Volume): ClaimUse | undefined {
  return claim && { claimName: claim.claimName, readOnly: claim.readOnly ?? false };
}

/** A Secret with cloud-init's data, and the placeholder's volume that brings it to the node. */
export interface CloudInitSecret {
  readonly holds: "userdata" | "networkdata";
  readonly secretName: string;
  readonly podVolume: string;
}

/** The Secrets that a volume's cloud-init data are in; the placeholder mounts them and the node daemon reads them there. */
export function cloudInitSecrets({ name, cloudInitNoCloud }: Volume): CloudInitSecret[] {
  const userData = cloudInitNoCloud?.secretRef?.name;
  const networkData = cloudInitNoCloud?.networkDataSecretRef?.name;
  return [
    ...(userData === undefined ? [] : [{ holds: "userdata", secretName: userData, podVolume: name } as const]),
    ...(networkData === undefined
      ? []
      : [{ holds: "networkdata", secretName: networkData, podVolume: instanceIdLabel(`${name}-ndata`) } as const]),
  ];
}
