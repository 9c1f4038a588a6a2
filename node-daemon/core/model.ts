import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { NetworkObservation } from "../drivers/network.ts";
import type { StorageObservation } from "../drivers/storage.ts";
import type { Step, VolumeStep } from "../steps/step.ts";

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
  readonly do: VolumeStep["do"];
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

/** The steps to do now, and the event that must come before more steps can follow. */
export interface Plan {
  readonly steps: readonly Step[];
  /** `nothing`: the actual state is the desired one. */
  readonly awaiting: "nothing" | "container" | "shutdown" | "next-look" | "removal" | "room";
  /** Milliseconds until the next check, if no event triggers one. */
  readonly after?: number;
}
