import { claimDiskOf } from "./claim-disk.ts";
import { claimModeOf } from "./claim-mode.ts";
import { containerOf, type StepContext, volumeOf } from "./context.ts";
import type { VolumeStep } from "./step.ts";

/** Shows the disk of a claim, which the placeholder has mounted. */
export async function showClaim(context: StepContext, { volume: name }: VolumeStep): Promise<void> {
  const volume = volumeOf(context, name);
  const { pods, disks } = context.drivers;
  const disk = claimDiskOf(context, volume);
  await using claim = await pods.claim(containerOf(context), name, claimModeOf(context, volume));
  await disks.showClaim(context.paths, name, claim, disk);
}
