import { claimDiskOf } from "./claim-disk.ts";
import { containerOf, type StepContext, volumeOf } from "./context.ts";

/** Makes a writable overlay of a `containerDisk`, or of the claim of an `ephemeral`; both are the placeholder's. */
export async function makeOverlay(context: StepContext, name: string): Promise<void> {
  const { pods, storage } = context.ports;
  const { containerDisk } = volumeOf(context, name);
  if (containerDisk) {
    await using source = await pods.containerDisk(containerOf(context), name, containerDisk.path);
    return await storage.makeOverlay(context.paths, name, source);
  }
  const disk = claimDiskOf(context, name);
  await using claim = await pods.claim(containerOf(context), name);
  await storage.overlayClaim(context.paths, name, claim, disk);
}
