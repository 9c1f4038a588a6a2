import { claimOf } from "../../api/placeholder-volumes.ts";
import { wholeUnits } from "../../api/quantity.ts";
import type { ClaimDisk } from "../ports.ts";
import { containerOf, instanceOf, type StepContext, volumeOf } from "./context.ts";

/** Shows the disk image of a claim, which the placeholder has mounted. */
export async function showClaim(context: StepContext, name: string): Promise<void> {
  const { pods, storage } = context.ports;
  const disk = claimDiskOf(context, name);
  await using folder = await pods.claim(containerOf(context), name);
  await storage.showClaim(context.paths, name, folder, disk);
}

/** What the disk of a claim is to be. The controller has written down how large the claim is. */
function claimDiskOf(context: StepContext, name: string): ClaimDisk {
  const claim = claimOf(volumeOf(context, name));
  if (!claim) throw new Error(`volume "${name}" is no claim`);
  const told = instanceOf(context).status?.volumeStatus?.find((volume) => volume.name === name);
  const { capacity, requests } = told?.persistentVolumeClaimInfo ?? {};
  const size = capacity?.storage ?? requests?.storage;
  return { ...claim, bytes: size === undefined ? undefined : wholeUnits(size) };
}
