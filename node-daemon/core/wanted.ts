import { claimOf, cloudInitSecrets, ephemeralDisks, mountedObject } from "../../api/contract/placeholder-volumes.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Volume } from "../../api/schema/volume.ts";
import { bridgedDevices, cardsOf, needsDhcp } from "../network/card.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Wanted, WantedVolume } from "./model.ts";
import { RefusedError } from "./refused-error.ts";

/**
 * The parts of an instance, given the pod's devices that it is bridged to, if known. Throws, naming the field, for a
 * volume or a network that this daemon cannot make.
 */
export function wantedOf(instance: VirtualMachineInstance, links?: readonly PodLink[]): Wanted {
  const { spec, status } = instance;
  const cards = cardsOf(instance);
  return {
    volumes: (spec.volumes ?? []).map(wantedVolume),
    ephemeral: ephemeralDisks(spec) !== undefined,
    uefi: spec.domain.firmware?.bootloader?.efi !== undefined,
    kernel: spec.domain.firmware?.kernelBoot !== undefined,
    taps: cards.map(({ tap }) => tap),
    bridged: bridgedDevices(cards).length > 0,
    dhcp: needsDhcp(cards, links),
    console: spec.domain.devices?.autoattachSerialConsole !== false,
    startPaused: spec.startStrategy === "Paused",
    hasRun: status?.phase === "Running",
  };
}

function wantedVolume(volume: Volume, index: number, volumes: readonly Volume[]): WantedVolume {
  const { name } = volume;
  if (volume.containerDisk) return { do: "make-overlay", volume: name, fromPod: true };
  const claim = claimOf(volume);
  if (claim) return { do: claim.overlaid ? "make-overlay" : "show-claim", volume: name, fromPod: true };
  if (mountedObject(volume)) return { do: "make-file-disk", volume: name, fromPod: true };
  if (volume.emptyDisk) return { do: "make-empty-disk", volume: name, fromPod: true };
  if (volume.cloudInitNoCloud ?? volume.cloudInitConfigDrive) {
    return { do: "make-cloud-init", volume: name, fromPod: cloudInitSecrets(volume, volumes).length > 0 };
  }
  const source = Object.keys(volume).find((key) => key !== "name") ?? "no source";
  throw new RefusedError(`spec.volumes[${index}].${source}: not supported on this node`);
}
