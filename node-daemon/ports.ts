import type { Pod } from "../api/kube/core-resources.ts";
import type { EventText } from "../api/kube/events.ts";
import type { PlaceholderImage } from "../api/placeholder-images.ts";
import type { VirtualMachineInstance } from "../api/resources.ts";
import type { InstanceStatus } from "../api/schema/instance-status.ts";
import type { Confinement } from "./confinement.ts";
import type { ImageFile, ImageFormat } from "./domain-xml/volume.ts";
import type { InstanceIdentity } from "./instance.ts";
import type { PodLink } from "./network/pod-link.ts";
import type { InstancePaths } from "./paths.ts";

/** How an instance ended. */
export interface Ending {
  readonly phase: "Succeeded" | "Failed";
  /** A sentence for people. */
  readonly message: string;
}

/** What is wrong with a disk of a paused domain, by libvirt's name of it, such as `vda`. */
export interface DiskError {
  readonly target: string;
  /** The image that is written to; undefined when it is not known. */
  readonly file: string | undefined;
  /** Whether its storage is full, and nothing else is the matter. */
  readonly full: boolean;
}

/** When it was first seen that a machine is to end: a moment by the node's clock, which only counts for one start of it. */
export interface StopNote {
  readonly boot: string;
  /** Milliseconds since the node started. */
  readonly since: number;
}

/** That a guest's file systems are frozen, or about to be; moments by the node's clock, for one start of the node. */
export interface FreezeNote {
  readonly boot: string;
  /** Milliseconds since the node started. */
  readonly since: number;
  /** When they are to be thawed; absent when somebody will see to it. */
  readonly until?: number;
  /** Whether the agent has said that they are frozen; until then it may still be at it. */
  readonly isDone: boolean;
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

/** A placeholder's container on the node. */
export interface Container {
  /** The process of hold, as the node numbers it. */
  readonly pid: number;
  /** The container's folder in each cgroup hierarchy that QEMU belongs into. */
  readonly cgroups: readonly string[];
  /** Whether the kubelet has asked it to end, which hold does when we say so. */
  readonly askedToEnd: boolean;
}

/**
 * A file or folder that is held open: `path` leads to this very one, whatever happens to its name, on the node as well.
 * It is to be disposed of.
 */
export interface HeldFile extends AsyncDisposable {
  readonly path: string;
}

/** A device as the kernel numbers it. */
export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** How a pod has a claim: mounted as a folder, or mapped as a block device. */
export type ClaimMode = "folder" | "device";

/** The folder of a claim, or the block device that it is. */
export interface ClaimVolume extends HeldFile {
  readonly device?: DeviceNumber;
}

/** The pods of the node, as they are there and not as the API server has them. */
export interface Pods {
  /** The container of a placeholder; undefined while the kubelet has not started it, and when it is gone. */
  find(podUid: string): Promise<Container | undefined>;
  /** The placeholders, among those that were found, that the kubelet has asked to end; cheap, since no event tells of it. */
  askedToEnd(): Promise<string[]>;
  /** Calls back when the container of a placeholder may have come, until the signal is aborted. */
  await(podUid: string, found: () => void, signal: AbortSignal): void;
  /** Whether a process is in the container's cgroups. */
  holds(container: Container, pid: number): Promise<boolean>;
  /**
   * Moves a process into the container's cgroups, and has the kernel judge it as the container's own when the node has no
   * memory left. Nothing happens when it is there already.
   */
  adopt(container: Container, pid: number): Promise<void>;
  /** Tells hold how the machine ended. Nothing happens when it is gone already. */
  release(podUid: string, phase: Ending["phase"]): Promise<void>;
  /**
   * A file of an image that the placeholder has; the one disk image when no path is given. Throws, in a user's words, when
   * there is none.
   */
  imageFile(container: Container, image: PlaceholderImage, path: string | undefined): Promise<HeldFile>;
  /**
   * The folder of a claim, or its device where the pod has it as one. Throws, in a user's words, when it is not there, or
   * a device is none that the kubelet has mapped for the pod.
   */
  claim(container: Container, volume: string, mode: ClaimMode): Promise<ClaimVolume>;
  /** The folder of the placeholder's volume for disks that end with the instance. Throws when it is not mounted. */
  ephemeralDisks(container: Container): Promise<HeldFile>;
  /** The files of a volume that the pod mounts from an object such as a Secret. Throws when it is not mounted. */
  files(container: Container, podVolume: string): Promise<ReadonlyMap<string, Buffer>>;
}

/** As whom the processes of a machine run: a user that only this machine has. */
export interface QemuUser {
  readonly user: number;
  /** Of the same number, unless the storage of an image opens it to KubeVirt's user and group only. */
  readonly group: number;
}

/** What keeps the QEMU of a machine from the rest of its node, should the guest take it over. */
export interface Fence {
  /**
   * Closes to machines' users what a node may have open to everybody: its own network, libvirt. What is closed already
   * stays. Returns what was done; throws, naming what the node lacks.
   */
  raise(): Promise<string[]>;
  /** How a process is held back; undefined when it is gone. */
  confinementOf(pid: number): Promise<Confinement | undefined>;
}

/** An image that QEMU opens and that is shown to it; `what` names it in errors. */
export interface OpenedImage {
  readonly file: string;
  readonly what: string;
  readonly writes: boolean;
}

/** Disk images, and what else is kept on the node for an instance. */
export interface Storage {
  /** The uids of all instances of which there is a folder. */
  list(): Promise<string[]>;
  /** What is there of an instance; undefined when it has no folder. */
  observe(paths: InstancePaths): Promise<StorageObservation | undefined>;
  /**
   * Makes the folders, gives the instance a user that nobody else on the node has, and keeps what it is made from. Folders
   * that are there already stay, and so does the user if it is a machine's.
   */
  makeFolder(paths: InstancePaths, instance: object): Promise<void>;
  /**
   * Opens the instance's folder to its user and nobody else. Returns as whom QEMU is to run so that it can open these
   * images. Throws, naming the image, when there is no way.
   */
  admit(paths: InstancePaths, images: readonly OpenedImage[]): Promise<QemuUser>;
  /** What `admit` has returned last; undefined when the instance has no user of its own. */
  runsAs(paths: InstancePaths): Promise<QemuUser | undefined>;
  /**
   * Shows a folder of the placeholder's as the one in which disks are made that end with the instance. Nothing happens when
   * one is shown already.
   */
  showEphemeral(paths: InstancePaths, folder: HeldFile): Promise<void>;
  /** What was kept by `makeFolder`; undefined when it is gone. */
  readInstance(paths: InstancePaths): Promise<unknown>;
  /** Keeps the pod's devices as they are before they are changed. What was kept stays. */
  keepLinks(paths: InstancePaths, links: readonly PodLink[]): Promise<void>;
  /** Makes an empty image. One that is there already stays. */
  makeDisk(file: string, bytes: bigint): Promise<void>;
  /** Makes UEFI's variables of a new machine. Those that are there already stay. */
  makeVariables(file: string, template: string): Promise<void>;
  /** Makes a copy of a file for QEMU, of at most so many bytes; `what` names it in errors. One that is there stays. */
  takeFile(file: string, source: HeldFile, most: bigint, what: string): Promise<void>;
  /**
   * Shows a file of the node, read-only, below the disks' folder, and makes an overlay of it. What is there already
   * stays. Throws for an image that names other files, or is of a format guests may not have.
   */
  makeOverlay(paths: InstancePaths, volume: string, source: HeldFile): Promise<void>;
  /**
   * Shows the disk image of a claim below the disks' folder; makes one where the claim has none. What is there already
   * stays. Throws for an image that names other files.
   */
  showClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void>;
  /** As `makeOverlay`, of the disk of a claim. */
  overlayClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void>;
  /** Looks again at an image that is shown; `what` names it in errors. Throws for one that names other files. */
  inspect(image: ImageFile, what: string): Promise<void>;
  /** Whether there is room in the file systems of all of these images; none in one that fails. */
  hasRoom(files: readonly string[]): Promise<boolean>;
  /** Whether the lock of a QEMU keeps others from an image below the disks' folder; `readOnly` those that only read it. */
  isLocked(file: string, readOnly: boolean): Promise<boolean>;
  /** Makes an ISO image of files by their paths in it. One that is there already stays. */
  makeIso(file: string, label: string, files: Readonly<Record<string, string | Buffer>>): Promise<void>;
  /** Notes that the guest has run. */
  markStarted(paths: InstancePaths): Promise<void>;
  /** Notes since when the guest has its grace period. */
  noteStop(paths: InstancePaths, note: StopNote): Promise<void>;
  /** Notes that the guest's file systems are frozen, and until when. The last note counts. */
  noteFreeze(paths: InstancePaths, note: FreezeNote): Promise<void>;
  /** Takes that note back. Nothing happens when there is none. */
  forgetFreeze(paths: InstancePaths): Promise<void>;
  /** Notes how the instance ended. The first note stays. */
  markEnded(paths: InstancePaths, ending: Ending): Promise<void>;
  /** Hides what `makeOverlay` and `showClaim` show and removes images. Nothing happens when they are gone. */
  removeDisks(paths: InstancePaths): Promise<void>;
  /** Removes all that is left of an instance but the end of its machine's last log. Nothing happens when it is gone. */
  removeFolder(paths: InstancePaths): Promise<void>;
}

/** What a claim's disk is to be. */
export interface ClaimDisk {
  readonly claimName: string;
  readonly readOnly: boolean;
  /** The claim's size, where it is known. */
  readonly bytes: bigint | undefined;
}

/** What is on the node of an instance. */
export interface StorageObservation {
  /** The user that the machine was given; undefined when it has none of its own, as those of the build before. */
  readonly user: number | undefined;
  readonly started: boolean;
  /** What was kept by `noteStop`. */
  readonly stopping: StopNote | undefined;
  readonly ended: Ending | undefined;
  /** What was kept by `noteFreeze`. */
  readonly frozen: FreezeNote | undefined;
  /** Complete images that end with the instance, by volume. */
  readonly disks: ReadonlyMap<string, ImageFormat>;
  /** What is shown of container disks, by volume. */
  readonly bases: ReadonlyMap<string, ImageFile>;
  /** What is shown of claims, by volume. */
  readonly claims: ReadonlyMap<string, ImageFile>;
  /** Volumes of which there is an ISO image. */
  readonly isos: ReadonlySet<string>;
  /** What was kept by `keepLinks`. */
  readonly links: readonly PodLink[] | undefined;
  /** Whether UEFI's variables are there. */
  readonly variables: boolean;
  /** Whether the guest's kernel is there, and with it the initial RAM disk. */
  readonly kernel: boolean;
  /** Whether the folder of the placeholder's is shown in which they are made. */
  readonly ephemeral: boolean;
  /** Whether disks have been removed or never were made. */
  readonly empty: boolean;
}

/** Who reads the serial consoles. */
export interface Consoles {
  /**
   * Takes the connection to a console that a domain has opened, and writes its log where one is wanted. Nothing happens
   * when it is taken already.
   */
  attach(identity: InstanceIdentity, paths: InstancePaths, options: { log: boolean }): Promise<void>;
  /** Lets go of it, with a reason for those who look on. Nothing happens when there is none. */
  detach(identity: InstanceIdentity, reason: string): Promise<void>;
}

/** What the daemon asks and tells the API server besides what it watches. */
export interface InstanceApi {
  /** Whether this very instance (by its uid) is still there. */
  exists(identity: InstanceIdentity): Promise<boolean>;
  /** The pod in the place of an instance's placeholder, wherever it is; undefined when there is none. */
  placeholder(identity: InstanceIdentity): Promise<Pod | undefined>;
  /** Changes fields of the status. Throws when the instance has changed meanwhile; nothing happens when it is gone. */
  patchStatus(instance: VirtualMachineInstance, changes: Partial<InstanceStatus>): Promise<void>;
  /** Writes an event about an instance; never waits, never fails. */
  record(instance: VirtualMachineInstance, event: EventText): void;
}

/** The node's clock, and nothing else that a test would have to wait for. */
export interface Clock {
  /** The time of day, for what is told to others only: it can be set, and it is not the API server's. */
  now(): Date;
  /** Milliseconds since the node started. All waiting is measured by it: nobody sets it, and it is there after a restart. */
  sinceBoot(): number;
  /** What no two starts of the node have in common. */
  readonly boot: string;
}
