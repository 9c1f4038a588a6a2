import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { NetworkObservation } from "../drivers/network.ts";
import type { StorageObservation } from "../drivers/storage.ts";

/** The desired state of an instance. */
export type Desired =
  /** The instance must run. */
  | ({ readonly goal: "run" } & Wanted)
  /** The instance must end: orderly within `grace` milliseconds after the daemon first sees this, then by force. */
  | { readonly goal: "stop"; readonly grace: number }
  /** The instance has ended. Only its log stays, as long as users can ask for it. */
  | { readonly goal: "leave-log" }
  /** The instance no longer exists. Nothing of it may stay. */
  | { readonly goal: "vanish" };

/** The parts of a running instance. */
export interface Wanted {
  readonly volumes: readonly WantedVolume[];
  /** Whether it has disks or a kernel in a folder of the placeholder. */
  readonly ephemeral: boolean;
  readonly uefi: boolean;
  /** Whether it boots a kernel from an image, without a boot loader. */
  readonly kernel: boolean;
  /** The tap devices of the network cards. */
  readonly taps: readonly string[];
  /** Whether the guest takes over pod devices' addresses. Then the daemon first records these. */
  readonly bridged: boolean;
  /** Whether the guest needs a DHCP responder. */
  readonly dhcp: boolean;
  /** Whether it has a serial console. */
  readonly console: boolean;
  /** Whether the guest stays paused until a user unpauses it. */
  readonly startPaused: boolean;
  /** Whether it is known to have run. Then it does not start again, whatever is left of it here. */
  readonly hasRun: boolean;
}

/** A volume, and the step that makes its disk's files. */
export interface WantedVolume {
  readonly do: "make-empty-disk" | "make-cloud-init" | "make-file-disk" | "make-overlay" | "show-claim";
  readonly volume: string;
  /** Whether its source is mounted in the placeholder's container. */
  readonly fromPod: boolean;
}

/** The actual state of an instance. */
export interface Observed {
  readonly storage: StorageObservation | undefined;
  /** The instance's domain, and not that of another instance with the same name. */
  readonly domain: DomainObservation | undefined;
  /** Whether the placeholder's container exists. */
  readonly container: boolean;
  /** Whether QEMU is in the container's cgroups. */
  readonly adopted: boolean;
  readonly network: NetworkObservation;
  /** Whether the storage has room for the guest's pending writes. */
  readonly room: boolean;
  /** Milliseconds since the node booted, like all times here. */
  readonly now: number;
  /** The time at which the daemon first saw that the guest must end, if noted. */
  readonly stopping: number | undefined;
  /** The time of the last press of the power button, if any. */
  readonly pressed: number | undefined;
  /** The freeze of the guest's file systems, if one was noted. */
  readonly frozen: Frozen | undefined;
  /** The time at which the daemon last continued the guest after its storage was full, if any. */
  readonly lastContinued: number | undefined;
}

/** A requested freeze of file systems. */
export interface Frozen {
  /** The time of the automatic thaw; undefined when the requester thaws. */
  readonly until: number | undefined;
  /** Whether they are frozen now, as far as known. */
  readonly isSo: boolean;
  /** Whether the freeze is over: the file systems were thawed in another way, or the guest has restarted. */
  readonly isOver: boolean;
}

/**
 * One action. Every step can be repeated at any time. A `concurrent` step starts together with the step before it: the
 * two do not depend on each other, and the kernel makes both wait.
 */
export type Step =
  | { readonly do: "make-folder" }
  | Pick<WantedVolume, "do" | "volume">
  | { readonly do: "show-ephemeral" }
  | { readonly do: "make-variables" }
  | { readonly do: "keep-links" }
  | { readonly do: "take-kernel" }
  | { readonly do: "make-taps" }
  | { readonly do: "define" }
  | { readonly do: "raise-fence"; readonly concurrent: true }
  | { readonly do: "start-paused" }
  | { readonly do: "check-images" }
  | { readonly do: "check-confinement" }
  | { readonly do: "attach-console" }
  | { readonly do: "adopt" }
  | { readonly do: "attach-network"; readonly concurrent?: boolean }
  | { readonly do: "resume" }
  | { readonly do: "continue" }
  | { readonly do: "mark-started" }
  /** `ifPossible`: a missing answer is no error. */
  | { readonly do: "thaw"; readonly ifPossible?: true }
  | { readonly do: "forget-freeze" }
  | { readonly do: "note-stop" }
  | { readonly do: "press-power-button" }
  | { readonly do: "destroy" }
  | { readonly do: "mark-ended" }
  | { readonly do: "detach-console" }
  | { readonly do: "undefine" }
  | { readonly do: "remove-taps" }
  | { readonly do: "remove-disks" }
  | { readonly do: "release-hold" }
  | { readonly do: "remove-folder" };

/** The steps to do now, and the event that must come before more steps can follow. */
export interface Plan {
  readonly steps: readonly Step[];
  /** `nothing`: the actual state is the desired one. */
  readonly awaiting: "nothing" | "container" | "shutdown" | "next-look" | "removal" | "room";
  /** Milliseconds until the next check, if no event triggers one. */
  readonly after?: number;
}

/** Milliseconds until the next press of the power button: a guest that is still booting does not hear it. */
export const pressEvery = 5000;

/** Milliseconds between checks for room, and between attempts to continue. */
const roomEvery = 5000;

/**
 * Returns the steps from the actual to the desired state. Pure: it depends only on its arguments, so it gives the same
 * answer after a crash at any step.
 */
export function plan(desired: Desired, observed: Observed): Plan {
  if (desired.goal === "vanish" || desired.goal === "leave-log") return vanish(desired.goal, observed);
  if (desired.goal === "stop") return stop(desired.grace, observed);
  return hasEnded(desired, observed) ? tearDown(observed) : run(desired, observed);
}

/** Groups the steps of a plan in order; the steps of a group start together. */
export function concurrently(steps: readonly Step[]): Step[][] {
  const turns: Step[][] = [];
  for (const step of steps) {
    const last = turns.at(-1);
    if (last && "concurrent" in step) last.push(step);
    else turns.push([step]);
  }
  return turns;
}

/** Whether the guest has run and no longer runs. */
function hasEnded({ hasRun }: Wanted, { storage, domain }: Observed): boolean {
  if (storage?.ended) return true;
  if (domain === undefined) return hasRun || storage?.started === true;
  if (domain.state !== "off") return false;
  // Only a guest that has run shuts itself down: the daemon died before it noted that the guest runs.
  return hasRun || storage?.started === true || domain.reason === "SHUTDOWN";
}

function run(wanted: Wanted, observed: Observed): Plan {
  const { storage, domain, container, adopted, network } = observed;
  const attach: Step[] = wanted.console ? [{ do: "attach-console" }] : [];
  const attached = isAttached(wanted, network);
  if (storage?.started && domain) {
    // The kernel may have killed the responder, because the pod's memory has a limit.
    const steps: Step[] = attached || !container ? attach : [...attach, { do: "attach-network" }];
    return isFull(domain) ? whenThereIsRoom(steps, observed) : whileFrozen(steps, domain, observed);
  }
  const active = domain !== undefined && domain.state !== "off";
  const steps: Step[] = [];
  if (!active) {
    // Disks of an earlier release belong to a user that other machines have, too.
    const own = storage?.user === undefined ? undefined : storage;
    if (storage && !own) steps.push({ do: "remove-disks" });
    if (!own) steps.push({ do: "make-folder" });
    const missing = wanted.volumes.filter((volume) => !isMade(volume, own));
    steps.push(...missing.filter(({ fromPod: ofPod }) => !ofPod).map(stepOf));
    if (wanted.uefi && !own?.variables) steps.push({ do: "make-variables" });
    const ofPod: Step[] = wanted.ephemeral && !own?.ephemeral ? [{ do: "show-ephemeral" }] : [];
    ofPod.push(...missing.filter((volume) => volume.fromPod).map(stepOf));
    if (wanted.kernel && !own?.kernel) ofPod.push({ do: "take-kernel" });
    // The pod's mounts come with the container: these steps cannot start earlier.
    const unknownLinks = wanted.bridged && !storage?.links;
    if ((ofPod.length > 0 || unknownLinks) && !container) return next(steps, "container");
    steps.push(...ofPod);
    if (unknownLinks) steps.push({ do: "keep-links" });
    if (wanted.taps.some((tap) => !network.onNode.includes(tap))) steps.push({ do: "make-taps" });
    steps.push({ do: "define" }, { do: "raise-fence", concurrent: true }, { do: "start-paused" }, ...attach);
    return next(steps, "next-look");
  }
  if (!container && !(adopted && attached)) return next([], "container");
  steps.push({ do: "check-images" }, { do: "check-confinement" });
  if (!adopted) steps.push({ do: "adopt" });
  if (!attached) steps.push({ do: "attach-network", ...(adopted ? {} : { concurrent: true }) });
  if (domain.state === "paused" && !wanted.startPaused) steps.push({ do: "resume" });
  // The daemon may have restarted and lost the console, and must not miss the guest's first output.
  return next([...attach, ...steps, { do: "mark-started" }], "next-look");
}

/** Whether full storage is the only reason why the guest is paused. */
function isFull({ state, diskErrors }: DomainObservation): boolean {
  return state === "paused" && diskErrors.length > 0 && diskErrors.every(({ full }) => full);
}

/** When QEMU continues, it repeats the failed writes. No event reports that there is room. */
function whenThereIsRoom(steps: Step[], { room, now, lastContinued = Number.NEGATIVE_INFINITY }: Observed): Plan {
  const due = lastContinued + roomEvery - now;
  if (room && due <= 0) steps.push({ do: "continue" });
  return { steps, awaiting: "room", after: room && due > 0 ? due : roomEvery };
}

/** Thaws the guest's file systems in time, even if the requester of the freeze is gone. */
function whileFrozen(steps: readonly Step[], { agent, state }: DomainObservation, { frozen, now }: Observed): Plan {
  if (!frozen) return next(steps, "nothing");
  if (frozen.isOver) return next([...steps, { do: "forget-freeze" }], "nothing");
  // Events report when the agent comes back and when the guest continues.
  if (frozen.until === undefined || !agent || state === "paused") return next(steps, "nothing");
  if (now < frozen.until) return { steps, awaiting: "nothing", after: frozen.until - now };
  return next([...steps, { do: "thaw" }], "nothing");
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

function stop(grace: number, observed: Observed): Plan {
  const { storage, domain, now, stopping, pressed, frozen } = observed;
  if (!domain || domain.state === "off") return tearDown(observed);
  // A guest that has never run has nothing to save.
  const deadline = (stopping ?? now) + grace;
  if (now >= deadline || !storage?.started) return next([{ do: "destroy" }], "next-look");
  const again = pressed === undefined ? 0 : pressed + pressEvery - now;
  const after = Math.min(deadline - now, again > 0 ? again : pressEvery);
  // This comes first: a failure to press the button must not delay the end of the grace period.
  const note: Step[] = stopping === undefined ? [{ do: "note-stop" }] : [];
  if (again > 0) return { steps: note, awaiting: "shutdown", after };
  // A paused guest does not hear the button.
  const wake: Step[] = domain.state === "paused" ? [{ do: "resume" }] : [];
  // A guest with frozen file systems hears the button, but its shutdown hangs.
  const thaw: Step[] = frozen && !frozen.isOver ? [{ do: "thaw", ifPossible: true }] : [];
  return { steps: [...note, ...wake, ...thaw, { do: "press-power-button" }], awaiting: "shutdown", after };
}

/** The domain has ended or never existed: removes all but the folder, which stays until the status has the end. */
function tearDown({ storage, domain, network }: Observed): Plan {
  const steps: Step[] = [];
  if (storage && !storage.ended) steps.push({ do: "mark-ended" });
  steps.push({ do: "detach-console" });
  if (domain) steps.push({ do: "undefine" });
  if (network.onNode.length > 0) steps.push({ do: "remove-taps" });
  if (storage && !storage.empty) steps.push({ do: "remove-disks" });
  return next([...steps, { do: "release-hold" }], "removal");
}

function vanish(goal: "vanish" | "leave-log", { storage, domain, container, network }: Observed): Plan {
  if (domain && domain.state !== "off") return next([{ do: "destroy" }], "next-look");
  const steps: Step[] = [{ do: "detach-console" }];
  if (domain) steps.push({ do: "undefine" });
  if (network.onNode.length > 0) steps.push({ do: "remove-taps" });
  // This comes before the pod ends: its volumes must be free before the kubelet removes them.
  if (storage && !storage.empty) steps.push({ do: "remove-disks" });
  if (container) steps.push({ do: "release-hold" });
  // This comes last: a daemon that finds the folder reads in it to which instance it belongs, so that it may remove it.
  if (storage && goal === "vanish") steps.push({ do: "remove-folder" });
  return next(steps, "nothing");
}

function next(steps: readonly Step[], awaiting: Plan["awaiting"]): Plan {
  return { steps, awaiting };
}
