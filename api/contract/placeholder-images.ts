import { instanceIdLabel } from "../names.ts";
import type { InstanceSpec } from "../schema/instance-spec.ts";
import type { Volume } from "../schema/volume.ts";
import { podFilesFolder } from "./constants.ts";

/*
 * The container images whose files a machine uses. The kubelet pulls them for the placeholder. The placeholder has each
 * image as a volume, or as a container where the cluster has no image volumes. The node daemon finds the files there.
 */

/** An image whose files the placeholder has. */
export interface PlaceholderImage {
  /** The image's part in the spec, for messages: `volume "root"`. */
  readonly what: string;
  readonly image: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never" | undefined;
  readonly imagePullSecret: string | undefined;
  /** The name of the placeholder's volume. */
  readonly podVolume: string;
  /** The mount path in the placeholder's container, when the image is a volume. */
  readonly path: string;
  /** The placeholder's container that runs the image, when the image is not a volume. */
  readonly container: string;
}

/** The container of the kernel's image, and the prefix for the containers of disk images. */
export const kernelContainer = "kernel-boot";
export const diskContainer = "volume-";

/** All images of an instance. */
export function placeholderImages(spec: Pick<InstanceSpec, "domain" | "volumes">): PlaceholderImage[] {
  const kernel = kernelImage(spec);
  const disks = (spec.volumes ?? []).flatMap((volume) => containerDiskImage(volume) ?? []);
  return [...disks, ...(kernel ? [kernel] : [])];
}

/** The image of a container disk; undefined for any other volume. */
export function containerDiskImage({ name, containerDisk }: Volume): PlaceholderImage | undefined {
  if (!containerDisk) return undefined;
  const { image, imagePullPolicy, imagePullSecret } = containerDisk;
  return {
    what: `volume "${name}"`,
    image,
    imagePullPolicy,
    imagePullSecret,
    podVolume: name,
    path: `${podFilesFolder}/container-disks/${name}`,
    container: instanceIdLabel(`${diskContainer}${name}`),
  };
}

/** The image with the guest's kernel, if it has one. */
export function kernelImage({
  domain,
  volumes = [],
}: Pick<InstanceSpec, "domain" | "volumes">): PlaceholderImage | undefined {
  const container = domain.firmware?.kernelBoot?.container;
  if (!container) return undefined;
  const { image, imagePullPolicy, imagePullSecret } = container;
  return {
    what: "spec.domain.firmware.kernelBoot",
    image,
    imagePullPolicy,
    imagePullSecret,
    podVolume: freeVolumeName(
      "kernel-boot",
      volumes.map(({ name }) => name),
    ),
    path: `${podFilesFolder}/kernel-boot`,
    container: kernelContainer,
  };
}

/** Whether a container of a placeholder exists only for the files of its image. */
export function isImageContainer(name: string): boolean {
  return name === kernelContainer || name.startsWith(diskContainer);
}

/** A name for a volume of the placeholder that no volume of the author has: the wanted name, or the next free one. */
export function freeVolumeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); number += 1) name = `${wanted}-${number}`;
  return name;
}
