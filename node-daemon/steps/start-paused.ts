import { type ClaimImage, claimImages } from "./claim-images.ts";
import type { StepContext } from "./context.ts";

/** Starts the domain, paused. Throws, naming the claim, when another machine uses one of its disks. */
export async function startPaused(context: StepContext): Promise<void> {
  const { hypervisor, disks } = context.drivers;
  const images = await claimImages(context);
  for (const image of images) {
    // It may have changed since it was shown, which may be long ago. A raw image has no header to check.
    if (image.format === "qcow2") await disks.inspect(image, `PersistentVolumeClaim "${image.claimName}"`);
  }
  try {
    await hypervisor.startPaused(context.domain);
  } catch (error) {
    const claim = await takenClaim(context, images);
    if (claim === undefined) throw error;
    throw new Error(`PersistentVolumeClaim "${claim}" is in use by another machine`, { cause: error });
  }
}

/** The claim whose disk another process has locked. No QEMU of this instance runs, so only such a lock can block it. */
async function takenClaim({ drivers }: StepContext, images: readonly ClaimImage[]): Promise<string | undefined> {
  for (const { file, claimName, readOnly } of images) {
    if (await drivers.disks.isLocked(file, readOnly)) return claimName;
  }
  return undefined;
}
