import { claimOf } from "../../api/contract/placeholder-volumes.ts";
import type { Volume } from "../../api/schema/volume.ts";
import { wholeUnits } from "../../api/values/quantity.ts";
import type { ClaimDisk } from "../drivers/disks.ts";
import { instanceOf, type StepContext } from "./context.ts";

/** The requested disk of a volume with a claim, with the claim's size from the controller's status. */
export function claimDiskOf(context: StepContext, volume: Volume): ClaimDisk {
  const { name } = volume;
  const claim = claimOf(volume);
  if (!claim) throw new Error(`volume "${name}" is no claim`);
  const told = instanceOf(context).status?.volumeStatus?.find((one) => one.name === name);
  const { capacity, requests } = told?.persistentVolumeClaimInfo ?? {};
  const size = capacity?.storage ?? requests?.storage;
  return { ...claim, bytes: size === undefined ? undefined : wholeUnits(size) };
}
