import { instanceIdLabel } from "../names.ts";
import type { InstanceSpec } from "../schema/instance-spec.ts";
import type { Volume } from "../schema/volume.ts";
import { podFilesFolder } from "./constants.ts";

/*
 * The container images whose files a machine is made of. The kubelet pulls them for the placeholder, which has each as a
 * volume, or where the cluster has no volumes of images as a container; the node daemon finds its files by that.
 */

/** An image of which the placeholder has the files. */
export interface PlaceholderImage {
  /** What of the spec it is, for messages: `volume "root"`. */
  readonly what: string;
  readonly image: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never" | undefined;
  readonly imagePullSecret: string | undefined;
  /** The placeholder's volume. */
  readonly podVolume: string;
  /** Where the placeholder's container has it, when it is a volume. */
  readonly path: string;
  /** The placeholder's container whose root it is, when it is none. */
  readonly container: string;
}

/** The container of the kernel's image, and what the names of those of disks begin with. */
export const kernelContainer = "kernel-boot";
export const diskContainer = "volume-";

/** All images of an instance. */
export function placeholderImages(spec: Pick<InstanceSpec, "domain" | "volumes">): PlaceholderImage[] {
  const kernel = kernelImage(spec);
  const disks = (spec.volumes ?? []).flatMap((volume) => containerDiskImage(volume) ?? []);
  return [...disks, ...(kernel ? [kernel] : [])];
}

/** The image of a container disk; undefined for another volume. */
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

/** Whether a container of a placeholder is there for the files of its image. */
export function isImageContainer(name: string): boolean {
  return name === kernelContainer || name.startsWith(diskContainer);
}

/** A name for a volume of the placeholder that is none of the author's: the wanted one, or the next. */
export function freeVolumeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); number += 1) name = `${wanted}-${number}`;
  return name;
}
