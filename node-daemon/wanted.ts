import type { Instance } from "./instance.ts";
import { cardsOf } from "./network/card.ts";
import type { Wanted } from "./plan.ts";

/** What an instance consists of. Throws, naming the field, for a volume or a network that this daemon cannot make. */
export function wantedOf(instance: Instance): Wanted {
  const { spec, status } = instance;
  const containerDisks: string[] = [];
  const emptyDisks: string[] = [];
  const cloudInits: string[] = [];
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    if (volume.containerDisk) containerDisks.push(volume.name);
    else if (volume.emptyDisk) emptyDisks.push(volume.name);
    else if (volume.cloudInitNoCloud) cloudInits.push(volume.name);
    else {
      const source = Object.keys(volume).find((key) => key !== "name") ?? "no source";
      throw new Error(`spec.volumes[${index}].${source}: not supported on this node`);
    }
  }
  return {
    containerDisks,
    emptyDisks,
    cloudInits,
    uefi: spec.domain.firmware?.bootloader?.efi !== undefined,
    taps: cardsOf(instance).map(({ tap }) => tap),
    console: spec.domain.devices?.autoattachSerialConsole !== false,
    startPaused: spec.startStrategy === "Paused",
    hasRun: status?.phase === "Running",
  };
}
