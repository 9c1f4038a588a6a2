import { containerDiskImage } from "../../api/contract/placeholder-images.ts";
import { claimDiskOf } from "./claim-disk.ts";
import { claimModeOf } from "./claim-mode.ts";
import { containerOf, type StepContext, volumeOf } from "./context.ts";
import type { VolumeStep } from "./step.ts";

/** Makes a writable overlay of a `containerDisk`, or of an `ephemeral` volume's claim, from the placeholder. */
export async function makeOverlay(context: StepContext, { volume: name }: VolumeStep): Promise<void> {
  const { pods, disks } = context.drivers;
  const volume = volumeOf(context, name);
  const image = containerDiskImage(volume);
  if (image) {
    await using source = await pods.imageFile(containerOf(context), image, volume.containerDisk?.path);
    return await disks.makeOverlay(context.paths, name, source);
  }
  const disk = claimDiskOf(context, volume);
  await using claim = await pods.claim(containerOf(context), name, claimModeOf(context, volume));
  await disks.overlayClaim(context.paths, name, claim, disk);
}
