import { instanceIdLabel } from "../names.ts";
import type { InstanceSpec } from "../schema/instance-spec.ts";
import type { Volume } from "../schema/volume.ts";
import { podDevicesFolder, podFilesFolder } from "./constants.ts";
import { freeVolumeName } from "./placeholder-images.ts";

/*
 * Where volumes are in the placeholder's container: the controller makes the kubelet put them there, and the node
 * daemon finds them there.
 */

/** Where the placeholder mounts a claim of mode Filesystem. */
export function claimPath(volume: string): string {
  return `${podFilesFolder}/claims/${volume}`;
}

/** Where the placeholder has the device of a claim of mode Block. */
export function claimDevice(volume: string): string {
  return `${podDevicesFolder}/${volume}`;
}

/** Where the placeholder mounts a volume whose files the node daemon reads, such as a Secret. */
export function mountedFilesPath(podVolume: string): string {
  return `${podFilesFolder}/files/${podVolume}`;
}

/** The placeholder's mount path of the folder in which the node daemon makes disks that end with the instance. */
export const ephemeralDisksPath = `${podFilesFolder}/ephemeral-disks`;

/**
 * The placeholder's volume for the disks that end with the instance, and for its kernel. It is an emptyDir, so that the
 * kubelet counts the guest's writes as the pod's. Undefined when the instance has no such disk.
 */
export function ephemeralDisks({ domain, volumes = [] }: Pick<InstanceSpec, "domain" | "volumes">): string | undefined {
  const grows = volumes.some(({ containerDisk, ephemeral, emptyDisk }) => containerDisk ?? ephemeral ?? emptyDisk);
  if (!grows && domain.firmware?.kernelBoot === undefined) return undefined;
  return freeVolumeName(
    "ephemeral-disks",
    volumes.map(({ name }) => name),
  );
}

/** How a volume uses a PersistentVolumeClaim. */
export interface ClaimUse {
  readonly claimName: string;
  readonly readOnly: boolean;
  /** Whether the guest writes to an overlay, so that the claim does not change. */
  readonly overlaid: boolean;
}

/** The claim below a volume, if there is one. A DataVolume fills the claim of its own name. */
export function claimOf({ persistentVolumeClaim, dataVolume, ephemeral }: Volume): ClaimUse | undefined {
  if (persistentVolumeClaim) {
    const { claimName, readOnly = false } = persistentVolumeClaim;
    return { claimName, readOnly, overlaid: false };
  }
  if (dataVolume) return { claimName: dataVolume.name, readOnly: false, overlaid: false };
  return ephemeral && { claimName: ephemeral.persistentVolumeClaim.claimName, readOnly: true, overlaid: true };
}

/** The source of a volume with the files of an API object; the guest gets the files as they are at its start. */
export function mountedObject({ configMap, secret, serviceAccount, downwardAPI }: Volume): object | undefined {
  return configMap ?? secret ?? serviceAccount ?? downwardAPI;
}

/** A Secret with cloud-init's data, and the placeholder's volume that brings it to the node. */
export interface CloudInitSecret {
  readonly holds: "userdata" | "networkdata";
  readonly secretName: string;
  readonly podVolume: string;
}

/**
 * The Secrets with the cloud-init data of one volume. The placeholder mounts them and the node daemon reads them there.
 */
export function cloudInitSecrets(
  { name, cloudInitNoCloud, cloudInitConfigDrive }: Volume,
  volumes: readonly Volume[],
): CloudInitSecret[] {
  const cloudInit = cloudInitNoCloud ?? cloudInitConfigDrive;
  const userData = cloudInit?.secretRef?.name;
  const networkData = cloudInit?.networkDataSecretRef?.name;
  const taken = volumes.map((volume) => volume.name);
  const second = instanceIdLabel(freeVolumeName(`${name}-ndata`, taken));
  return [
    ...(userData === undefined ? [] : [{ holds: "userdata", secretName: userData, podVolume: name } as const]),
    ...(networkData === undefined
      ? []
      : [{ holds: "networkdata", secretName: networkData, podVolume: second } as const]),
  ];
}
