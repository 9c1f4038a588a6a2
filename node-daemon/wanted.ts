import { claimOf } from "../api/placeholder-volumes.ts";
import type { Instance } from "./instance.ts";
import type { Wanted } from "./plan.ts";

/** What an instance consists of. Throws, naming the field, for a volume that this daemon cannot make. */
export function wantedOf({ spec, status }: Instance): Wanted {
  const containerDisks: string[] = [];
  const claims: string[] = [];
  const emptyDisks: string[] = [];
  const cloudInits: string[] = [];
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    if (volume.containerDisk) containerDisks.push(volume.name);
    else if (claimOf(volume)) claims.push(volume.name);
    else if (volume.emptyDisk) emptyDisks.push(volume.name);
    else if (volume.cloudInitNoCloud) cloudInits.push(volume.name);
    else {
      const source = Object.keys(volume).find((key) => key !== "name") ?? "no source";
      throw new Error(`spec.volumes[${index}].${source}: not supported on this node`);
    }
  }
  return {
    containerDisks,
    claims,
    emptyDisks,
    cloudInits,
    uefi: spec.domain.firmware?.bootloader?.efi !== undefined,
    console: spec.domain.devices?.autoattachSerialConsole !== false,
    startPaused: spec.startStrategy === "Paused",
    hasRun: status?.phase === "Running",
  };
}
