import type { ImageFile, ImageFormat } from "../domain-xml/volume.ts";
import type { Confinement } from "../instance/confinement.ts";
import type { InstancePaths } from "../instance/paths.ts";
import type { QemuUser } from "../instance/qemu-user.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Ending } from "./ending.ts";
import type { ClaimVolume, HeldFile } from "./pods.ts";

/** The time at which the daemon first saw that a machine must end. The node's clock counts only for one boot. */
export interface StopNote {
  readonly boot: string;
  /** Milliseconds since the node booted. */
  readonly since: number;
}

/** A freeze of a guest's file systems, done or about to start. Its times count only for one boot of the node. */
export interface FreezeNote {
  readonly boot: string;
  /** Milliseconds since the node booted. */
  readonly since: number;
  /** The time of the automatic thaw; absent when the requester thaws. */
  readonly until?: number;
  /** Whether the agent has confirmed the freeze. Before that, it may still be freezing. */
  readonly isDone: boolean;
}

/** Keeps a machine's QEMU away from the rest of its node, in case the guest takes QEMU over. */
export interface Fence {
  /**
   * Closes the parts of a node that may be open to everybody (its own network, libvirt) to machines' users. Keeps parts
   * that are closed already. Returns a list of its changes; throws, naming the missing feature of the node.
   */
  raise(): Promise<string[]>;
  /** The confinement of a process; undefined when the process is gone. */
  confinementOf(pid: number): Promise<Confinement | undefined>;
}

/** An image that the daemon shows to QEMU, and that QEMU opens. `what` names it in errors. */
export interface OpenedImage {
  readonly file: string;
  readonly what: string;
  readonly writes: boolean;
}

/** Disk images, and all other files on the node that belong to an instance. */
export interface Storage {
  /** The uids of all instances that have a folder. */
  list(): Promise<string[]>;
  /** The state of an instance's files; undefined when it has no folder. */
  observe(paths: InstancePaths): Promise<StorageObservation | undefined>;
  /**
   * Makes the folders, gives the instance a user that is free on the node, and stores `instance`. Keeps existing
   * folders, and the user if it is a machine's.
   */
  makeFolder(paths: InstancePaths, instance: object): Promise<void>;
  /**
   * Opens the instance's folder to its user and nobody else. Returns the user and group that let QEMU open these
   * images. Throws, naming the image, when no group does.
   */
  admit(paths: InstancePaths, images: readonly OpenedImage[]): Promise<QemuUser>;
  /** The last result of `admit`; undefined when the instance has no user of its own. */
  runsAs(paths: InstancePaths): Promise<QemuUser | undefined>;
  /**
   * Shows a folder of the placeholder as the instance's folder for disks that end with it. Does nothing when a folder
   * is shown already.
   */
  showEphemeral(paths: InstancePaths, folder: HeldFile): Promise<void>;
  /** The object that `makeFolder` stored; undefined when it is gone. */
  readInstance(paths: InstancePaths): Promise<unknown>;
  /** Stores the pod's devices before the daemon changes them. Keeps an earlier record. */
  keepLinks(paths: InstancePaths, links: readonly PodLink[]): Promise<void>;
  /** Makes an empty image. Keeps an existing one. */
  makeDisk(file: string, bytes: bigint): Promise<void>;
  /** Makes the UEFI variables of a new machine. Keeps existing ones. */
  makeVariables(file: string, template: string): Promise<void>;
  /** Copies a file for QEMU, of at most `most` bytes; `what` names it in errors. Keeps an existing copy. */
  takeFile(file: string, source: HeldFile, most: bigint, what: string): Promise<void>;
  /**
   * Shows a file of the node, read-only, in the disks' folder, and makes an overlay of it. Keeps existing ones. Throws
   * for an image that names other files, or has a format that guests may not use.
   */
  makeOverlay(paths: InstancePaths, volume: string, source: HeldFile): Promise<void>;
  /**
   * Shows the disk image of a claim in the disks' folder; makes the image if the claim has none. Keeps an existing one.
   * Throws for an image that names other files.
   */
  showClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void>;
  /** Like `makeOverlay`, but of the disk of a claim. */
  overlayClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void>;
  /** Checks a shown image again; `what` names it in errors. Throws for an image that names other files. */
  inspect(image: ImageFile, what: string): Promise<void>;
  /** Whether the file systems of all these images have room; false if one fails. */
  hasRoom(files: readonly string[]): Promise<boolean>;
  /** Whether another QEMU's lock keeps QEMU from opening an image in the disks' folder, with `readOnly` for reading. */
  isLocked(file: string, readOnly: boolean): Promise<boolean>;
  /** Makes an ISO image; `files` maps paths in it to contents. Keeps an existing one. */
  makeIso(file: string, label: string, files: Readonly<Record<string, string | Buffer>>): Promise<void>;
  /** Notes that the guest has run. */
  markStarted(paths: InstancePaths): Promise<void>;
  /** Notes the start of the guest's grace period. */
  noteStop(paths: InstancePaths, note: StopNote): Promise<void>;
  /** Notes that the guest's file systems are frozen, and until when. A later note replaces an earlier one. */
  noteFreeze(paths: InstancePaths, note: FreezeNote): Promise<void>;
  /** Removes the freeze note. Does nothing when there is none. */
  forgetFreeze(paths: InstancePaths): Promise<void>;
  /** Notes how the instance ended. Keeps the first note. */
  markEnded(paths: InstancePaths, ending: Ending): Promise<void>;
  /** Hides the files that `makeOverlay` and `showClaim` show, and removes images. Does nothing when they are gone. */
  removeDisks(paths: InstancePaths): Promise<void>;
  /** Removes all files of an instance, but keeps the end of its last log. Does nothing when they are gone. */
  removeFolder(paths: InstancePaths): Promise<void>;
}

/** The requested disk of a claim. */
export interface ClaimDisk {
  readonly claimName: string;
  readonly readOnly: boolean;
  /** The claim's size, if known. */
  readonly bytes: bigint | undefined;
}

/** The state of an instance's files on the node. */
export interface StorageObservation {
  /** The machine's user; undefined when it has none of its own, like machines of an earlier release. */
  readonly user: number | undefined;
  readonly started: boolean;
  /** The note of `noteStop`. */
  readonly stopping: StopNote | undefined;
  readonly ended: Ending | undefined;
  /** The note of `noteFreeze`. */
  readonly frozen: FreezeNote | undefined;
  /** Complete images that end with the instance, by volume. */
  readonly disks: ReadonlyMap<string, ImageFormat>;
  /** Images below overlays that are shown, by volume. */
  readonly bases: ReadonlyMap<string, ImageFile>;
  /** Claims' images that are shown, by volume. */
  readonly claims: ReadonlyMap<string, ImageFile>;
  /** Volumes with an ISO image. */
  readonly isos: ReadonlySet<string>;
  /** The record of `keepLinks`. */
  readonly links: readonly PodLink[] | undefined;
  /** Whether the UEFI variables exist. */
  readonly variables: boolean;
  /** Whether the guest's kernel is there, and with it the initial RAM disk. */
  readonly kernel: boolean;
  /** Whether the placeholder's folder for ephemeral disks is shown. */
  readonly ephemeral: boolean;
  /** Whether the disks have been removed, or were never made. */
  readonly empty: boolean;
}
