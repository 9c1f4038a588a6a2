import type { InstanceIdentity } from "../instance/identity.ts";

/** What is wrong with a disk of a paused domain, by libvirt's name of it, such as `vda`. */
export interface DiskError {
  readonly target: string;
  /** The image that is written to; undefined when it is not known. */
  readonly file: string | undefined;
  /** Whether its storage is full, and nothing else is the matter. */
  readonly full: boolean;
}

/** What a domain is doing. `off`: it is defined and has no QEMU. */
export interface DomainObservation {
  readonly identity: InstanceIdentity;
  readonly state: "running" | "paused" | "off";
  /** libvirt's word for why, such as `SHUTDOWN`, `CRASHED` or `USER`. */
  readonly reason: string;
  /** Whether the guest agent is connected. */
  readonly agent: boolean;
  /** For what disks it is paused, if that is the reason. */
  readonly diskErrors: readonly DiskError[];
  /** The kind of machine with its version, such as `pc-q35-7.2`. */
  readonly machine: string | undefined;
  /** As whom its QEMU runs. */
  readonly user?: number | undefined;
}

/** What became known about a domain without asking. */
export interface DomainChange {
  /** The domain's name, `namespace_name`. */
  readonly domain: string;
  readonly kind: "state" | "agent" | "reboot" | "io-error";
}

/** What a guest agent says of its system, in the API's names. */
export type GuestSystem = Readonly<
  Partial<
    Record<
      "id" | "name" | "prettyName" | "version" | "versionId" | "kernelRelease" | "kernelVersion" | "machine",
      string
    >
  >
>;

/** A network interface as the guest has it. */
export interface GuestInterface {
  readonly name: string;
  /** In lower case with colons. */
  readonly mac: string | undefined;
  readonly addresses: readonly string[];
}

/** What the hypervisor counts of a domain, since its QEMU began. */
export interface DomainStatistics {
  /** The domain's name. */
  readonly domain: string;
  /** Seconds. */
  readonly cpu: { readonly total: number; readonly user: number; readonly system: number };
  /** Memory of the node that QEMU holds. */
  readonly residentBytes: number;
  readonly disks: readonly {
    /** As libvirt names it: `vda`. */
    readonly target: string;
    readonly readBytes: number;
    readonly writtenBytes: number;
    readonly reads: number;
    readonly writes: number;
  }[];
}

/** A node of QEMU's block layer: a file that it has opened, or an image in it. */
export interface BlockNode {
  /** QEMU's word for what it is: `file`, `host_device`, `qcow2`, … */
  readonly driver: string;
  readonly file: string;
}

/** A picture of a screen. */
export interface Screenshot {
  /** Its MIME type, as libvirt gives it: `image/png` or `image/x-portable-pixmap`. */
  readonly type: string;
  readonly image: Buffer;
}

/** The node's virtual machines. A domain is named `namespace_name`. Every method throws when libvirt is out of reach. */
export interface Hypervisor {
  /** What a domain is doing; undefined when there is none, or it is none of ours. */
  observe(domain: string): Promise<DomainObservation | undefined>;
  /** All domains of ours. */
  list(): Promise<InstanceIdentity[]>;
  /** Defines a domain. One of the same name and UUID that is there already gets the new definition. */
  define(xml: string): Promise<void>;
  /** Starts a defined domain with its virtual CPUs stopped. Nothing happens to one that is active already. */
  startPaused(domain: string): Promise<void>;
  /** Lets the virtual CPUs run. Nothing happens to one that runs already; throws when it is off or gone. */
  resume(domain: string): Promise<void>;
  /** Stops the virtual CPUs. Nothing happens to one that is paused already; throws when it is off or gone. */
  pause(domain: string): Promise<void>;
  /** Presses the power button. Nothing happens to one that is off or gone already. */
  shutdown(domain: string): Promise<void>;
  /** Pulls the plug. Nothing happens to one that is off or gone already. */
  destroy(domain: string): Promise<void>;
  /** Forgets the definition. Nothing happens when it is gone already. */
  undefine(domain: string): Promise<void>;
  /** Removes the hypervisor's log of a domain that is gone. Nothing happens when there is none. */
  removeLog(domain: string): Promise<void>;
  /** Presses the reset button; throws when it is off or gone. */
  reset(domain: string): Promise<void>;
  /** Asks the guest to restart; throws when it is off or gone. */
  reboot(domain: string): Promise<void>;
  /** Whether the guest's file systems are frozen, as its agent tells; undefined when it does not answer. */
  isFrozen(domain: string): Promise<boolean | undefined>;
  /** Freezes the guest's file systems by its agent; throws without one, or when they are frozen already. */
  freeze(domain: string): Promise<void>;
  /** Thaws them; nothing happens when they are not frozen. Throws without an agent. */
  thaw(domain: string): Promise<void>;
  /**
   * A picture of the first screen; throws when there is none, or the domain is off or gone. `hold` is told of memory
   * before it is taken, and throws when there is none left.
   */
  screenshot(domain: string, hold: (bytes: number) => void): Promise<Screenshot>;
  /** The guest's system as its agent tells; undefined when it does not answer. */
  guestSystem(domain: string): Promise<GuestSystem | undefined>;
  /** The guest's network interfaces as its agent tells; undefined when it does not answer. */
  guestInterfaces(domain: string): Promise<GuestInterface[] | undefined>;
  /** Statistics of all active domains, by one question. Of one that is busy, what is known without waiting for it. */
  statistics(): Promise<DomainStatistics[]>;
  /** All nodes of the block layer of a domain's QEMU, those too that libvirt did not ask for; throws when it is off or gone. */
  blockNodes(domain: string): Promise<BlockNode[]>;
  /** The process of a domain's QEMU; undefined when it is off or gone. */
  processOf(domain: string): Promise<number | undefined>;
  /** Hears of changes until the signal is aborted. `everything` is called when changes may have been missed. */
  watch(listener: { changed(change: DomainChange): void; everything(): void }, signal: AbortSignal): Promise<void>;
}
