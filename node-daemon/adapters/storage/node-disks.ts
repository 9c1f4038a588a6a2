import { chmod, chown, constants, copyFile, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { RefusedError } from "../../core/refused-error.ts";
import type { ImageFile } from "../../domain-xml/volume.ts";
import type { ClaimDisk, Disks } from "../../drivers/disks.ts";
import type { ClaimVolume, HeldFile } from "../../drivers/pods.ts";
import { type InstancePaths, instancePaths } from "../../instance/paths.ts";
import { run } from "../command.ts";
import { makeWhole } from "../whole-file.ts";
import { openClaimImage } from "./claim-image.ts";
import { isLocked } from "./file-locks.ts";
import { openFolder } from "./held-file.ts";
import { type ImageInfo, inspectImage, UnfitImageError } from "./image-info.ts";
import { writeIso } from "./iso-image.ts";
import type { MachineUsers } from "./machine-users.ts";
import { makeFolder } from "./make-folder.ts";
import { hasRoom } from "./room.ts";
import type { ShownFiles } from "./shown-files.ts";

export interface NodeDisksOptions {
  readonly stateFolder: string;
  readonly users: MachineUsers;
  readonly shown: ShownFiles;
  /** The path of the node's `/proc`. */
  readonly proc: string;
}

/** Files below an instance's folder, which QEMU opens by their paths there. */
export class NodeDisks implements Disks {
  readonly #stateFolder: string;
  readonly #users: MachineUsers;
  readonly #shown: ShownFiles;
  readonly #proc: string;

  constructor({ stateFolder, users, shown, proc }: NodeDisksOptions) {
    this.#stateFolder = stateFolder;
    this.#users = users;
    this.#shown = shown;
    this.#proc = proc;
  }

  async showEphemeral(paths: InstancePaths, folder: HeldFile): Promise<void> {
    // A separate folder: the kubelet opens an emptyDir to all users, again at each start of the kubelet.
    const own = `${folder.path}/disks`;
    await makeFolder(own, 0o711);
    await using held = await openFolder(own);
    await this.#shown.showFolder(held, paths.ephemeral);
  }

  async makeDisk(file: string, bytes: bigint): Promise<void> {
    await this.#make(file, (part) => run(["qemu-img", "create", "-q", "-f", "qcow2", part, String(bytes)]));
  }

  async makeVariables(file: string, template: string): Promise<void> {
    await this.#make(file, (part) => copyFile(join(this.#proc, "1/root", template), part));
  }

  async takeFile(file: string, source: HeldFile, most: bigint, what: string): Promise<void> {
    // The limit saves room, and a larger file is of no use anyway.
    const { size } = await stat(source.path, { bigint: true });
    if (size > most) throw new RefusedError(`${what} is larger than the guest's memory`);
    await this.#make(file, (part) => copyFile(source.path, part, constants.COPYFILE_FICLONE));
  }

  async makeOverlay(
    paths: InstancePaths,
    volume: string,
    source: HeldFile,
    format?: ImageInfo["format"],
  ): Promise<void> {
    const image = await inspectImage(source.path, `volume "${volume}"`, format).catch((error: unknown) => {
      // The image below an overlay does not change, so trying again is of no use.
      throw error instanceof UnfitImageError ? new RefusedError(error.message) : error;
    });
    const base = join(paths.disks, `${volume}.base.${image.format}`);
    await this.#shown.showFile(source, base, { as: await this.#users.requiredOf(paths), readOnly: true });
    await this.#overlay(paths, volume, base, image);
  }

  async overlayClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void> {
    if (!claim.device) {
      await using image = await openClaimImage(claim, disk);
      return await this.makeOverlay(paths, volume, image.file, image.format);
    }
    const base = join(paths.disks, `${volume}.base.raw`);
    await this.#shown.makeDevice(base, claim.device, (part) => this.#give(paths, part));
    const bytes = BigInt((await run(["blockdev", "--getsize64", base])).trim());
    await this.#overlay(paths, volume, base, { format: "raw", bytes });
  }

  async showClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void> {
    if (claim.device) {
      const place = join(paths.disks, `${volume}.claim.raw`);
      return this.#shown.makeDevice(place, claim.device, (part) => this.#give(paths, part));
    }
    await using image = await openClaimImage(claim, disk);
    const place = join(paths.disks, `${volume}.claim.${image.format}`);
    await this.#shown.showFile(image.file, place, { as: await this.#users.requiredOf(paths), readOnly: disk.readOnly });
  }

  async makeIso(file: string, label: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    await this.#make(file, (part) => writeIso(part, label, files));
  }

  async inspect({ file, format }: ImageFile, what: string): Promise<void> {
    await inspectImage(file, what, format);
  }

  async hasRoom(files: readonly string[]): Promise<boolean> {
    return (await Promise.all(files.map(hasRoom))).every(Boolean);
  }

  async isLocked(file: string, readOnly: boolean): Promise<boolean> {
    const { dev, ino } = await stat(file, { bigint: true });
    return isLocked(await readFile(join(this.#proc, "locks"), "utf8"), dev, ino, readOnly);
  }

  async #overlay(paths: InstancePaths, volume: string, base: string, { format, bytes }: ImageInfo): Promise<void> {
    await this.#make(join(paths.ephemeral, `${volume}.qcow2`), (part) =>
      // With the size given, qemu-img does not open the image below.
      run(["qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", base, "-F", format, part, String(bytes)]),
    );
  }

  /** Makes a file and gives it to the machine's user. */
  async #make(file: string, make: (part: string) => Promise<unknown>): Promise<void> {
    await makeWhole(file, async (part) => {
      await make(part);
      const [uid = ""] = relative(this.#stateFolder, file).split(sep);
      await this.#give(instancePaths(this.#stateFolder, uid), part);
    });
  }

  async #give(paths: InstancePaths, file: string): Promise<void> {
    const user = await this.#users.requiredOf(paths);
    await chmod(file, 0o600);
    await chown(file, user, user);
  }
}
