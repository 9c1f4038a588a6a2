import { containerDiskImage } from "../../api/contract/placeholder-images.ts";
import { claimDiskOf } from "./claim-disk.ts";
import { claimModeOf } from "./claim-mode.ts";
import { containerOf, type StepContext, volumeOf } from "./context.ts";

/** Makes a writable overlay of a `containerDisk`, or of an `ephemeral` volume's claim, from the placeholder. */
export async function makeOverlay(context: StepContext, name: string): Promise<void> {
  const { pods, storage } = context.drivers;
  const volume = volumeOf(context, name);
  const image = containerDiskImage(volume);
  if (image) {
    await using source = await pods.imageFile(containerOf(context), image, volume.containerDisk?.path);
    return await storage.makeOverlay(context.paths, name, source);
  }
  const disk = claimDiskOf(context, name);
  await using claim = await pods.claim(containerOf(context), name, claimModeOf(context, name));
  await storage.overlayClaim(context.paths, name, claim, disk);
}
