import type { ImageFile, ImageFormat } from "../domain-xml/volume.ts";
import type { Confinement } from "../instance/confinement.ts";
import type { InstancePaths } from "../instance/paths.ts";
import type { QemuUser } from "../instance/qemu-user.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Ending } from "./ending.ts";
import type { ClaimVolume, HeldFile } from "./pods.ts";

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
