import { instanceIdLabel } from "./names.ts";
import type { InstanceSpec } from "./schema/instance-spec.ts";
import type { Volume } from "./schema/volume.ts";

/*
 * The container images whose files a machine is made of. The kubelet pulls them for the placeholder, which has each as a
 * volume; the node daemon finds its files by that.
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
  /** Where the placeholder's container has it. */
  readonly path: string;
}

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
  const path = `/var/run/kubevirt/container-disks/${name}`;
  return { what: `volume "${name}"`, image, imagePullPolicy, imagePullSecret, podVolume: name, path };
}

/** The image with the guest's kernel, if it has one. */
export function kernelImage({
  domain,
  volumes = [],
}: Pick<InstanceSpec, "domain" | "volumes">): PlaceholderImage | undefined {
  const container = domain.firmware?.kernelBoot?.container;
  if (!container) return undefined;
  const { image, imagePullPolicy, imagePullSecret } = container;
  let podVolume = "kernel-boot";
  // A volume of the author's may be called so.
  while (volumes.some(({ name }) => name === podVolume)) podVolume = instanceIdLabel(`${podVolume}-0`);
  const what = "spec.domain.firmware.kernelBoot";
  return { what, image, imagePullPolicy, imagePullSecret, podVolume, path: "/var/run/kubevirt/kernel-boot" };
}
