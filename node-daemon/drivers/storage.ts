import type { ImageFile, ImageFormat } from "../domain-xml/volume.ts";
import type { InstancePaths } from "../instance/paths.ts";
import type { QemuUser } from "../instance/qemu-user.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Ending } from "./ending.ts";
import type { FreezeNote, StopNote } from "./notes.ts";

/** An image that the daemon shows to QEMU, and that QEMU opens. `what` names it in errors. */
export interface OpenedImage {
  readonly file: string;
  readonly what: string;
  readonly writes: boolean;
}

/** The folders on the node that hold all files of an instance. */
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
  grantAccess(paths: InstancePaths, images: readonly OpenedImage[]): Promise<QemuUser>;
  /** The last result of `grantAccess`; undefined when the instance has no user of its own. */
  userWithAccess(paths: InstancePaths): Promise<QemuUser | undefined>;
  /** Hides the files that `makeOverlay` and `showClaim` show, and removes images. Does nothing when they are gone. */
  removeDisks(paths: InstancePaths): Promise<void>;
  /** Removes all files of an instance, but keeps the end of its last log. Does nothing when they are gone. */
  removeFolder(paths: InstancePaths): Promise<void>;
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
