import { instanceIdLabel } from "./names.ts";
import type { Volume } from "./schema/volume.ts";

/** Where the placeholder mounts the image of a container disk. */
export function containerDiskPath(volume: string): string {
  return `/var/run/kubevirt/container-disks/${volume}`;
}

/** Where the placeholder mounts a volume of its own whose files the node daemon reads, such as a Secret. */
export function mountedFilesPath(podVolume: string): string {
  return `/var/run/kubevirt/files/${podVolume}`;
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
