import type { ImageFile } from "../domain-xml/volume.ts";
import type { InstancePaths } from "../instance/paths.ts";
import type { ClaimVolume, HeldFile } from "./pods.ts";

/** The requested disk of a claim. */
export interface ClaimDisk {
  readonly claimName: string;
  readonly readOnly: boolean;
  /** The claim's size, if known. */
  readonly bytes: bigint | undefined;
}

/** Disk images, and the other files that QEMU reads. A made file belongs to the machine's user. */
export interface Disks {
  /**
   * Shows a folder of the placeholder as the instance's folder for disks that end with it. Does nothing when a folder
   * is shown already.
   */
  showEphemeral(paths: InstancePaths, folder: HeldFile): Promise<void>;
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
}
