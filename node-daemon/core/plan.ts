import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { NetworkObservation } from "../drivers/network.ts";
import type { StorageObservation } from "../drivers/storage.ts";

/** What is wanted of an instance. */
export type Desired =
  /** It is to run. */
  | ({ readonly goal: "run" } & Wanted)
  /** It is to end: in order for `grace` milliseconds, counted from when that was seen first, then by force. */
  | { readonly goal: "stop"; readonly grace: number }
  /** It has ended: nothing is to be left of it but its log, for as long as it is there to be asked for. */
  | { readonly goal: "leave-log" }
  /** It is not known any more: nothing of it is to be left. */
  | { readonly goal: "vanish" };

/** What an instance that runs consists of. */
export interface Wanted {
  readonly volumes: readonly WantedVolume[];
  /** Whether it has disks, or a kernel, that are made in a folder of the placeholder's. */
  readonly ephemeral: boolean;
  readonly uefi: boolean;
  /** Whether it starts a kernel out of an image, without a boot loader. */
  readonly kernel: boolean;
  /** The tap devices of the network cards. */
  readonly taps: readonly string[];
  /** Whether the guest takes over what devices of its pod have: then these are read before anything is made of them. */
  readonly bridged: boolean;
  /** Whether somebody has to give out the guest's addresses. */
  readonly dhcp: boolean;
  /** Whether there is a serial console. */
  readonly console: boolean;
  /** Whether the guest does not run before somebody lets it. */
  readonly startPaused: boolean;
  /** Whether it is known to have run, whatever is left of it here: then it is not started a second time. */
  readonly hasRun: boolean;
}

/** A volume, and the step that makes what its disk is made of. */
export interface WantedVolume {
  readonly do: "make-empty-disk" | "make-cloud-init" | "make-file-disk" | "make-overlay" | "show-claim";
  readonly volume: string;
  /** Whether it is made of what the placeholder's container has mounted. */
  readonly fromPod: boolean;
}

/** What there is of an instance. */
export interface Observed {
  readonly storage: StorageObservation | undefined;
  /** The domain, if it is this instance's and not that of one with the same name. */
  readonly domain: DomainObservation | undefined;
  /** Whether the placeholder's container is there. */
  readonly container: boolean;
  /** Whether QEMU is in the container's cgroups. */
  readonly adopted: boolean;
  readonly network: NetworkObservation;
  /** Whether there is room for what a guest writes that waits for it. */
  readonly room: boolean;
  /** Milliseconds since the node started, as all times here. */
  readonly now: number;
  /** When it was first seen that the guest is to end, if that was noted. */
  readonly stopping: number | undefined;
  /** When the power button was pressed last, if it was. */
  readonly pressed: number | undefined;
  /** Whether the guest's file systems are frozen, and until when they are to be, where that was noted. */
  readonly frozen: Frozen | undefined;
  /** When the guest was last let go on after its storage had been full, if it was. */
  readonly lastContinued: number | undefined;
}

/** File systems that somebody has had frozen. */
export interface Frozen {
  /** When they are to be thawed; undefined when somebody will see to it. */
  readonly until: number | undefined;
  /** Whether they are frozen now, as far as it is known. */
  readonly isSo: boolean;
  /** Whether they are not any more: somebody else has thawed them, or the guest was started anew. */
  readonly isOver: boolean;
}

/**
 * One thing to do; each may be done again at any time. What is done `concurrent` begins together with the step before it:
 * the two are about different things, and the kernel lets both wait.
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
  /** `ifPossible`: it is as good if nobody answers. */
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

/** What is to be done now, and what has to happen before more can be. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Nothing: all is as desired. */
  readonly awaiting: "nothing" | "container" | "shutdown" | "next-look" | "removal" | "room";
  /** Milliseconds after which to look again, where no event tells. */
  readonly after?: number;
}

/** Milliseconds after which the power button is pressed again: a guest that is still booting does not hear it. */
export const pressEvery = 5000;

/** Milliseconds between looks for room, and between attempts at going on. */
const roomEvery = 5000;

/**
 * What leads from what there is to what is desired. Pure: it knows only what it is told, so it says the same after a
 * crash at any step.
 */
export function plan(desired: Desired, observed: Observed): Plan {
  if (desired.goal === "vanish" || desired.goal === "leave-log") return vanish(desired.goal, observed);
  if (desired.goal === "stop") return stop(desired.grace, observed);
  return hasEnded(desired, observed) ? tearDown(observed) : run(desired, observed);
}

/** The steps of a plan in the order in which they begin, those together that do. */
export function concurrently(steps: readonly Step[]): Step[][] {
  const turns: Step[][] = [];
  for (const step of steps) {
    const last = turns.at(-1);
    if (last && "concurrent" in step) last.push(step);
    else turns.push([step]);
  }
  return turns;
}

/** The guest has run and does not any more. */
function hasEnded({ hasRun }: Wanted, { storage, domain }: Observed): boolean {
  if (storage?.ended) return true;
  if (domain === undefined) return hasRun || storage?.started === true;
  if (domain.state !== "off") return false;
  // Only a guest that has run shuts itself down: the daemon was killed before it could note that it runs.
  return hasRun || storage?.started === true || domain.reason === "SHUTDOWN";
}

function run(wanted: Wanted, observed: Observed): Plan {
  const { storage, domain, container, adopted, network } = observed;
  const attach: Step[] = wanted.console ? [{ do: "attach-console" }] : [];
  const attached = isAttached(wanted, network);
  if (storage?.started && domain) {
    // The responder may have been killed, as the pod's memory has a limit.
    const steps: Step[] = attached || !container ? attach : [...attach, { do: "attach-network" }];
    return isFull(domain) ? whenThereIsRoom(steps, observed) : whileFrozen(steps, domain, observed);
  }
  const active = domain !== undefined && domain.state !== "off";
  const steps: Step[] = [];
  if (!active) {
    // What the build before has made is of a user that other machines have, too.
    const own = storage?.user === undefined ? undefined : storage;
    if (storage && !own) steps.push({ do: "remove-disks" });
    if (!own) steps.push({ do: "make-folder" });
    const missing = wanted.volumes.filter((volume) => !isMade(volume, own));
    steps.push(...missing.filter(({ fromPod: ofPod }) => !ofPod).map(stepOf));
    if (wanted.uefi && !own?.variables) steps.push({ do: "make-variables" });
    const ofPod: Step[] = wanted.ephemeral && !own?.ephemeral ? [{ do: "show-ephemeral" }] : [];
    ofPod.push(...missing.filter((volume) => volume.fromPod).map(stepOf));
    if (wanted.kernel && !own?.kernel) ofPod.push({ do: "take-kernel" });
    // What the pod mounts comes with the container: nothing can start before.
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
  // A console that was lost with the daemon; what the guest prints first is not to be missed.
  return next([...attach, ...steps, { do: "mark-started" }], "next-look");
}

/** Whether the guest is paused for nothing else than storage that is full. */
function isFull({ state, diskErrors }: DomainObservation): boolean {
  return state === "paused" && diskErrors.length > 0 && diskErrors.every(({ full }) => full);
}

/** QEMU writes again what it could not, when it goes on. No event tells of room. */
function whenThereIsRoom(steps: Step[], { room, now, lastContinued = Number.NEGATIVE_INFINITY }: Observed): Plan {
  const due = lastContinued + roomEvery - now;
  if (room && due <= 0) steps.push({ do: "continue" });
  return { steps, awaiting: "room", after: room && due > 0 ? due : roomEvery };
}

/** Thaws the guest's file systems in time, whatever has become of who had them frozen. */
function whileFrozen(steps: readonly Step[], { agent, state }: DomainObservation, { frozen, now }: Observed): Plan {
  if (!frozen) return next(steps, "nothing");
  if (frozen.isOver) return next([...steps, { do: "forget-freeze" }], "nothing");
  // Of its agent's return, and of its going on, there are events.
  if (frozen.until === undefined || !agent || state === "paused") return next(steps, "nothing");
  if (now < frozen.until) return { steps, awaiting: "nothing", after: frozen.until - now };
  return next([...steps, { do: "thaw" }], "nothing");
}

/** Whether the guest is on its networks. What is in the pod may be an earlier attempt's: the newer one is on the node. */
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
  // A guest that has never run has nothing to put in order.
  const deadline = (stopping ?? now) + grace;
  if (now >= deadline || !storage?.started) return next([{ do: "destroy" }], "next-look");
  const again = pressed === undefined ? 0 : pressed + pressEvery - now;
  const after = Math.min(deadline - now, again > 0 ? again : pressEvery);
  // First: a button that cannot be pressed does not put off the end of the grace period.
  const note: Step[] = stopping === undefined ? [{ do: "note-stop" }] : [];
  if (again > 0) return { steps: note, awaiting: "shutdown", after };
  // A paused guest does not hear the button.
  const wake: Step[] = domain.state === "paused" ? [{ do: "resume" }] : [];
  // One whose file systems are frozen hears it, and gets no further.
  const thaw: Step[] = frozen && !frozen.isOver ? [{ do: "thaw", ifPossible: true }] : [];
  return { steps: [...note, ...wake, ...thaw, { do: "press-power-button" }], awaiting: "shutdown", after };
}

/** The domain has ended, or there never was one: all but the folder goes, which stays until the end is written down. */
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
  // While the pod is there: its volumes are to be free before the kubelet takes them away.
  if (storage && !storage.empty) steps.push({ do: "remove-disks" });
  if (container) steps.push({ do: "release-hold" });
  // The folder also tells a daemon that finds it whose it is, and so that it may go.
  if (storage && goal === "vanish") steps.push({ do: "remove-folder" });
  return next(steps, "nothing");
}

function next(steps: readonly Step[], awaiting: Plan["awaiting"]): Plan {
  return { steps, awaiting };
}
