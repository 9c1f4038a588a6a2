import { claimDiskOf } from "./claim-disk.ts";
import { claimModeOf } from "./claim-mode.ts";
import { containerOf, type StepContext } from "./context.ts";

/** Shows the disk of a claim, which the placeholder has mounted. */
export async function showClaim(context: StepContext, name: string): Promise<void> {
  const { pods, storage } = context.drivers;
  const disk = claimDiskOf(context, name);
  await using claim = await pods.claim(containerOf(context), name, claimModeOf(context, name));
  await storage.showClaim(context.paths, name, claim, disk);
}
