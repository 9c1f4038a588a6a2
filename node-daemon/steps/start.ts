import { claimOf } from "../../api/placeholder-volumes.ts";
import { type StepContext, volumeOf } from "./context.ts";

/** Starts the domain, paused. Throws, naming the claim, when another machine has one of its disks. */
export async function start(context: StepContext): Promise<void> {
  try {
    await context.ports.hypervisor.startPaused(context.domain);
  } catch (error) {
    const claim = await takenClaim(context);
    if (claim === undefined) throw error;
    throw new Error(`PersistentVolumeClaim "${claim}" is in use by another machine`, { cause: error });
  }
}

/** The claim of a disk on which some process holds QEMU's lock, although no QEMU of ours runs. */
async function takenClaim(context: StepContext): Promise<string | undefined> {
  const { storage } = context.ports;
  const observed = await storage.observe(context.paths);
  for (const [name, { file }] of [...(observed?.claims ?? []), ...(observed?.bases ?? [])]) {
    const claim = claimOf(volumeOf(context, name));
    if (claim && (await storage.isLocked(file))) return claim.claimName;
  }
  return undefined;
}
