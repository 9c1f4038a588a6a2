import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { NetworkObservation } from "../drivers/network.ts";
import type { StorageObservation } from "../drivers/storage.ts";
import type { Step } from "../steps/step.ts";
import type { Observed, Plan, Wanted, WantedVolume } from "./model.ts";

/** Milliseconds between checks for room, and between attempts to continue. */
const roomEvery = 5000;

/**
 * The steps that bring a guest to run and keep it running. Starting has three parts, and their order protects the node
 * and other machines:
 *
 * 1. {@link prepare} makes the files. Images of others are inspected before QEMU sees them.
 * 2. {@link launch} starts QEMU with a paused guest. QEMU opens its files now, and no code of the guest runs yet.
 * 3. {@link release} lets the guest run, after checks of the opened files and of QEMU's confinement, and after QEMU was
 *    moved into the pod's cgroups. A guest that runs is therefore confined, counted and limited from its first
 *    instruction.
 */
export function run(wanted: Wanted, observed: Observed): Plan {
  const { storage, domain } = observed;
  if (storage?.started && domain) return keepRunning(wanted, domain, observed);
  if (domain !== undefined && domain.state !== "off") return release(wanted, domain, observed);
  const files = prepare(wanted, observed);
  if (files.awaiting === "container") return files;
  return { steps: [...files.steps, ...launch(wanted)], awaiting: "next-look" };
}

/** Makes all that QEMU opens: first on the node, then, once the container exists, with the placeholder's mounts. */
function prepare(wanted: Wanted, { storage, container, network }: Observed): Plan {
  // Disks of an earlier release belong to a user that other machines have, too.
  const own = storage?.user === undefined ? undefined : storage;
  const missing = wanted.volumes.filter((volume) => !isMade(volume, own));
  const onNode: Step[] = [];
  if (storage && !own) onNode.push({ do: "remove-disks" });
  if (!own) onNode.push({ do: "make-folder" });
  onNode.push(...missing.filter(({ fromPod }) => !fromPod).map(stepOf));
  if (wanted.uefi && !own?.variables) onNode.push({ do: "make-variables" });

  const fromPod: Step[] = [];
  if (wanted.ephemeral && !own?.ephemeral) fromPod.push({ do: "show-ephemeral" });
  fromPod.push(...missing.filter((volume) => volume.fromPod).map(stepOf));
  if (wanted.kernel && !own?.kernel) fromPod.push({ do: "take-kernel" });
  if (wanted.bridged && !storage?.links) fromPod.push({ do: "keep-links" });
  // The pod's mounts and devices come with the container.
  if (fromPod.length > 0 && !container) return { steps: onNode, awaiting: "container" };

  const taps: Step[] = wanted.taps.some((tap) => !network.onNode.includes(tap)) ? [{ do: "make-taps" }] : [];
  return { steps: [...onNode, ...fromPod, ...taps], awaiting: "next-look" };
}

/** Starts QEMU, which opens its files. The guest stays paused, so that its first output finds the console attached. */
function launch(wanted: Wanted): Step[] {
  return [
    { do: "define" },
    { do: "enforce-isolation", concurrent: true },
    { do: "start-paused" },
    ...attachConsole(wanted),
  ];
}

/** Lets the guest run, once QEMU is checked and is part of its pod. */
function release(wanted: Wanted, domain: DomainObservation, { container, adopted, network }: Observed): Plan {
  const attached = isAttached(wanted, network);
  if (!container && !(adopted && attached)) return { steps: [], awaiting: "container" };
  // The daemon may have restarted and lost the console, and must not miss the guest's first output.
  const steps: Step[] = [...attachConsole(wanted), { do: "check-images" }, { do: "check-confinement" }];
  if (!adopted) steps.push({ do: "adopt" });
  if (!attached) steps.push({ do: "attach-network", concurrent: !adopted });
  if (domain.state === "paused" && !wanted.startPaused) steps.push({ do: "resume" });
  return { steps: [...steps, { do: "mark-started" }], awaiting: "next-look" };
}

/** Brings back what a running guest has lost, and continues or thaws it when that is due. */
function keepRunning(wanted: Wanted, domain: DomainObservation, observed: Observed): Plan {
  const steps = attachConsole(wanted);
  // The kernel may have killed the responder, because the pod's memory has a limit.
  if (observed.container && !isAttached(wanted, observed.network)) steps.push({ do: "attach-network" });
  return isFull(domain) ? whenThereIsRoom(steps, observed) : whileFrozen(steps, domain, observed);
}

function attachConsole({ console }: Wanted): Step[] {
  return console ? [{ do: "attach-console" }] : [];
}

/** Whether full storage is the only reason why the guest is paused. */
function isFull({ state, diskErrors }: DomainObservation): boolean {
  return state === "paused" && diskErrors.length > 0 && diskErrors.every(({ full }) => full);
}

/** When QEMU continues, it repeats the failed writes. No event reports that there is room. */
function whenThereIsRoom(steps: Step[], { room, now, lastContinued = Number.NEGATIVE_INFINITY }: Observed): Plan {
  const due = lastContinued + roomEvery - now;
  if (room && due <= 0) steps.push({ do: "continue-after-full" });
  return { steps, awaiting: "room", after: room && due > 0 ? due : roomEvery };
}

/** Thaws the guest's file systems in time, even if the requester of the freeze is gone. */
function whileFrozen(steps: readonly Step[], { agent, state }: DomainObservation, { frozen, now }: Observed): Plan {
  if (frozen?.isOver) return { steps: [...steps, { do: "forget-freeze" }], awaiting: "nothing" };
  // Events report when the agent comes back and when the guest continues.
  if (frozen?.until === undefined || !agent || state === "paused") return { steps, awaiting: "nothing" };
  if (now < frozen.until) return { steps, awaiting: "nothing", after: frozen.until - now };
  return { steps: [...steps, { do: "thaw" }], awaiting: "nothing" };
}

/**
 * Whether the guest is on its networks. A tap in the pod may be from an earlier attempt; a newer one is on the node.
 */
function isAttached({ taps, dhcp: wanted }: Wanted, { onNode, inPod, dhcp }: NetworkObservation): boolean {
  return (dhcp || !wanted) && taps.every((tap) => inPod.includes(tap) && !onNode.includes(tap));
}

function stepOf({ do: step, volume }: WantedVolume): Step {
  return { do: step, volume };
}

function isMade({ do: step, volume }: WantedVolume, storage: StorageObservation | undefined): boolean {
  if (!storage) return false;
  if (step === "make-cloud-init" || step === "make-file-disk") return storage.isos.has(volume);
  if (step === "show-claim") return storage.claims.has(volume);
  return storage.disks.has(volume) && (step === "make-empty-disk" || storage.bases.has(volume));
}
