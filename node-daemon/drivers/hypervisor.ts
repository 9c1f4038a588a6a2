import type { InstanceIdentity } from "../instance/identity.ts";

/** An error of a paused domain's disk. `target` is libvirt's name of the disk, such as `vda`. */
export interface DiskError {
  readonly target: string;
  /** The image that QEMU writes to; undefined when it is not known. */
  readonly file: string | undefined;
  /** Whether full storage is the only problem. */
  readonly full: boolean;
}

/** The state of a domain. `off` means that it is defined and has no QEMU. */
export interface DomainObservation {
  readonly identity: InstanceIdentity;
  readonly state: "running" | "paused" | "off";
  /** libvirt's reason for the state, such as `SHUTDOWN`, `CRASHED` or `USER`. */
  readonly reason: string;
  /** Whether the guest agent is connected. */
  readonly agent: boolean;
  /** The disks that are the reason for the pause, if any. */
  readonly diskErrors: readonly DiskError[];
  /** The kind of machine with its version, such as `pc-q35-7.2`. */
  readonly machine: string | undefined;
  /** The user as which its QEMU runs. */
  readonly user?: number | undefined;
}

/** A change of a domain, from an event. */
export interface DomainChange {
  /** The domain's name, `namespace_name`. */
  readonly domain: string;
  readonly kind: "state" | "agent" | "reboot" | "io-error";
}

/** The guest agent's facts about the guest's system, by the API's names. */
export type GuestSystem = Readonly<
  Partial<
    Record<
      "id" | "name" | "prettyName" | "version" | "versionId" | "kernelRelease" | "kernelVersion" | "machine",
      string
    >
  >
>;

/** A network interface as the guest reports it. */
export interface GuestInterface {
  readonly name: string;
  /** In lower case with colons. */
  readonly mac: string | undefined;
  readonly addresses: readonly string[];
}

/** The hypervisor's counters of a domain, since its QEMU started. */
export interface DomainStatistics {
  /** The domain's name. */
  readonly domain: string;
  /** Seconds. */
  readonly cpu: { readonly total: number; readonly user: number; readonly system: number };
  /** Memory of the node that QEMU uses. */
  readonly residentBytes: number;
  readonly disks: readonly {
    /** libvirt's name of the disk, such as `vda`. */
    readonly target: string;
    readonly readBytes: number;
    readonly writtenBytes: number;
    readonly reads: number;
    readonly writes: number;
  }[];
}

/** A node of QEMU's block layer: a file that it has opened, or an image in it. */
export interface BlockNode {
  /** QEMU's driver name, such as `file`, `host_device` or `qcow2`. */
  readonly driver: string;
  readonly file: string;
}

/** A screenshot of a screen. */
export interface Screenshot {
  /** The MIME type from libvirt: `image/png` or `image/x-portable-pixmap`. */
  readonly type: string;
  readonly image: Buffer;
}

/** The node's virtual machines. A domain's name is `namespace_name`. All methods throw when libvirt is unreachable. */
export interface Hypervisor {
  /** The state of a domain; undefined when there is none, or it belongs to no instance. */
  observe(domain: string): Promise<DomainObservation | undefined>;
  /** The instances of all domains that belong to one. */
  list(): Promise<InstanceIdentity[]>;
  /** Defines a domain. An existing domain of the same name and UUID gets the new definition. */
  define(xml: string): Promise<void>;
  /** Starts a defined domain with its virtual CPUs stopped. Does nothing when it is active already. */
  startPaused(domain: string): Promise<void>;
  /** Starts the virtual CPUs. Does nothing when they run already; throws when the domain is off or gone. */
  resume(domain: string): Promise<void>;
  /** Stops the virtual CPUs. Does nothing when they are stopped already; throws when the domain is off or gone. */
  pause(domain: string): Promise<void>;
  /** Presses the power button. Does nothing when the domain is off or gone. */
  shutdown(domain: string): Promise<void>;
  /** Stops a domain by force. Does nothing when it is off or gone. */
  destroy(domain: string): Promise<void>;
  /** Removes the definition of a domain. Does nothing when it is gone. */
  undefine(domain: string): Promise<void>;
  /** Removes the hypervisor's log of a domain that is gone. Does nothing when there is none. */
  removeLog(domain: string): Promise<void>;
  /** Presses the reset button. Throws when the domain is off or gone. */
  reset(domain: string): Promise<void>;
  /** Asks the guest to restart. Throws when the domain is off or gone. */
  reboot(domain: string): Promise<void>;
  /** Whether the guest's file systems are frozen, from its agent; undefined when the agent does not answer. */
  isFrozen(domain: string): Promise<boolean | undefined>;
  /** Freezes the guest's file systems through its agent. Throws without an agent, or when they are frozen already. */
  freeze(domain: string): Promise<void>;
  /** Thaws the guest's file systems. Does nothing when they are not frozen; throws without an agent. */
  thaw(domain: string): Promise<void>;
  /**
   * Takes a screenshot of the first screen. Throws when there is no screen, or the domain is off or gone. Calls `hold`
   * before it takes memory; `hold` throws when there is none left.
   */
  screenshot(domain: string, hold: (bytes: number) => void): Promise<Screenshot>;
  /** The guest's system, from its agent; undefined when the agent does not answer. */
  guestSystem(domain: string): Promise<GuestSystem | undefined>;
  /** The guest's network interfaces, from its agent; undefined when the agent does not answer. */
  guestInterfaces(domain: string): Promise<GuestInterface[] | undefined>;
  /** Statistics of all active domains, by one call. For a busy domain, only the values known without waiting. */
  statistics(): Promise<DomainStatistics[]>;
  /** All block nodes of a domain's QEMU, including those without libvirt's request. Throws when it is off or gone. */
  blockNodes(domain: string): Promise<BlockNode[]>;
  /** The PID of a domain's QEMU; undefined when the domain is off or gone. */
  processOf(domain: string): Promise<number | undefined>;
  /** Reports changes until the signal is aborted. Calls `everything` when it may have missed changes. */
  watch(listener: { changed(change: DomainChange): void; everything(): void }, signal: AbortSignal): Promise<void>;
}
