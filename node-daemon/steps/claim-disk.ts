import { claimOf } from "../../api/contract/placeholder-volumes.ts";
import { wholeUnits } from "../../api/values/quantity.ts";
import type { ClaimDisk } from "../drivers/disks.ts";
import { instanceOf, type StepContext, volumeOf } from "./context.ts";

/** The requested disk of a claim, with the claim's size from the controller's status. */
export function claimDiskOf(context: StepContext, name: string): ClaimDisk {
  const claim = claimOf(volumeOf(context, name));
  if (!claim) throw new Error(`volume "${name}" is no claim`);
  const told = instanceOf(context).status?.volumeStatus?.find((volume) => volume.name === name);
  const { capacity, requests } = told?.persistentVolumeClaimInfo ?? {};
  const size = capacity?.storage ?? requests?.storage;
  return { ...claim, bytes: size === undefined ? undefined : wholeUnits(size) };
}
