import { chmod, chown, constants, copyFile, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { RefusedError } from "../../core/refused-error.ts";
import type { ImageFile, ImageFormat } from "../../domain-xml/volume.ts";
import type { Ending } from "../../drivers/ending.ts";
import type { ClaimVolume, HeldFile } from "../../drivers/pods.ts";
import type {
  ClaimDisk,
  FreezeNote,
  OpenedImage,
  StopNote,
  Storage,
  StorageObservation,
} from "../../drivers/storage.ts";
import { type InstancePaths, instancePaths, previousLog, previousLogs, uidPattern } from "../../instance/paths.ts";
import type { QemuUser } from "../../instance/qemu-user.ts";
import type { UserRange } from "../../instance/qemu-users.ts";
import type { PodLink } from "../../network/pod-link.ts";
import { run } from "../command.ts";
import { undefinedIfGone } from "../error-code.ts";
import { emptyIfGone, makeWhole, readWhole, writeWhole } from "../whole-file.ts";
import { openClaimImage } from "./claim-image.ts";
import { isBlockDevice } from "./device-nodes.ts";
import { isLocked } from "./file-locks.ts";
import { openFolder } from "./held-file.ts";
import { groupToOpen } from "./image-access.ts";
import { type ImageInfo, inspectImage, UnfitImageError } from "./image-info.ts";
import { imageOf } from "./image-name.ts";
import { writeIso } from "./iso-image.ts";
import { MachineUsers } from "./machine-users.ts";
import { makeFolder } from "./make-folder.ts";
import { dropOldLogs, keepLog } from "./previous-logs.ts";
import { hasRoom } from "./room.ts";
import { ShownFiles } from "./shown-files.ts";

export interface NodeStorageOptions {
  stateFolder: string;
  /** The users as which machines' QEMU may run. */
  users: UserRange;
  /** The path of the node's `/proc`. */
  proc?: string;
  /** The program that shows a file as owned by another user. */
  showAs?: string;
}

/** Images and folders below the state folder. This process and the node see that folder at the same path. */
export class NodeStorage implements Storage {
  readonly #stateFolder: string;
  readonly #users: MachineUsers;
  readonly #proc: string;
  readonly #shown: ShownFiles;

  constructor({ stateFolder, users, proc = "/proc", showAs }: NodeStorageOptions) {
    this.#stateFolder = stateFolder;
    this.#users = new MachineUsers(users, { stateFolder, proc });
    this.#proc = proc;
    this.#shown = new ShownFiles({ stateFolder, proc, showAs });
  }

  async list(): Promise<string[]> {
    const entries = await readdir(this.#stateFolder, { withFileTypes: true }).catch(emptyIfGone);
    // A failure to clean up logs must not stop the daemon from starting.
    await dropOldLogs(previousLogs(this.#stateFolder)).catch(() => {});
    const uids = entries.filter((entry) => entry.isDirectory() && uidPattern.test(entry.name)).map(({ name }) => name);
    // Earlier releases left these folders open to all users. Their QEMU processes have already opened their files.
    for (const uid of uids) await chmod(join(this.#stateFolder, uid), 0o710).catch(undefinedIfGone);
    return uids;
  }

  async observe(paths: InstancePaths): Promise<StorageObservation | undefined> {
    const files = await readdir(paths.folder).catch(() => undefined);
    if (!files) return undefined;
    const [disks, ephemeral, isos, user] = await Promise.all([
      readdir(paths.disks).catch(emptyIfGone),
      readdir(paths.ephemeral).catch(emptyIfGone),
      readdir(paths.cloudInit).catch(emptyIfGone),
      this.#users.of(paths),
    ]);
    const mounted = disks.length > 0 ? await this.#shown.points() : new Set<string>();
    const images = new Map<string, ImageFormat>();
    for (const name of ephemeral) {
      const image = imageOf(name);
      if (image && !image.shown) images.set(image.volume, image.format);
    }
    const shown = { base: new Map<string, ImageFile>(), claim: new Map<string, ImageFile>() };
    for (const name of disks) {
      const image = imageOf(name);
      if (!image?.shown) continue;
      const file = join(paths.disks, name);
      // A mounted image is a file. A stat would ask the claim's storage, which may never answer, and a few stuck calls
      // block all file access of the daemon.
      const block = !mounted.has(file) && (await isBlockDevice(file));
      // After a reboot of the node the file exists, but nothing is mounted on it.
      if (block || mounted.has(file)) shown[image.shown].set(image.volume, { file, format: image.format, block });
    }
    return {
      user,
      started: files.includes("started"),
      stopping: files.includes(basename(paths.stopping)) ? await readWhole<StopNote>(paths.stopping) : undefined,
      ended: files.includes(basename(paths.ended)) ? await readWhole<Ending>(paths.ended) : undefined,
      frozen: files.includes(basename(paths.frozen)) ? await readWhole<FreezeNote>(paths.frozen) : undefined,
      disks: images,
      bases: shown.base,
      claims: shown.claim,
      isos: new Set(isos.flatMap((name) => (name.endsWith(".iso") ? [name.slice(0, -".iso".length)] : []))),
      links: files.includes(basename(paths.links)) ? await readWhole<PodLink[]>(paths.links) : undefined,
      variables: files.includes(basename(paths.variables)),
      kernel: ephemeral.some((name) => name === basename(paths.kernel)),
      ephemeral: mounted.has(paths.ephemeral),
      empty: disks.length === 0 && isos.length === 0,
    };
  }

  async makeFolder(paths: InstancePaths, instance: object): Promise<void> {
    await makeFolder(this.#stateFolder, 0o711);
    await makeFolder(paths.folder, 0o710);
    for (const folder of [paths.disks, paths.ephemeral, paths.cloudInit]) await makeFolder(folder, 0o711);
    await makeFolder(paths.console, 0o700);
    await makeFolder(paths.sockets, 0o700);
    await this.#users.give(paths);
    // This comes last: its presence means that the rest is complete.
    await writeWhole(paths.instance, instance);
  }

  async admit(paths: InstancePaths, images: readonly OpenedImage[]): Promise<QemuUser> {
    const user = await this.#userOf(paths);
    const groups = await Promise.all(images.map((image) => groupToOpen(image, user)));
    const group = groups.find((one) => one !== user) ?? user;
    await chown(paths.folder, 0, group);
    await chmod(paths.folder, 0o710);
    return { user, group };
  }

  async runsAs(paths: InstancePaths): Promise<QemuUser | undefined> {
    const user = await this.#users.of(paths);
    return user === undefined ? undefined : { user, group: (await stat(paths.folder)).gid };
  }

  async showEphemeral(paths: InstancePaths, folder: HeldFile): Promise<void> {
    // A separate folder: the kubelet opens an emptyDir to all users, again at each start of the kubelet.
    const own = `${folder.path}/disks`;
    await makeFolder(own, 0o711);
    await using held = await openFolder(own);
    await this.#shown.showFolder(held, paths.ephemeral);
  }

  async readInstance(paths: InstancePaths): Promise<unknown> {
    return readWhole(paths.instance);
  }

  async keepLinks(paths: InstancePaths, links: readonly PodLink[]): Promise<void> {
    if (!(await readWhole(paths.links))) await writeWhole(paths.links, links);
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
    await this.#shown.showFile(source, base, { as: await this.#userOf(paths), readOnly: true });
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
    await this.#shown.showFile(image.file, place, { as: await this.#userOf(paths), readOnly: disk.readOnly });
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

  async makeIso(file: string, label: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    await this.#make(file, (part) => writeIso(part, label, files));
  }

  async markStarted(paths: InstancePaths): Promise<void> {
    await writeFile(paths.started, "");
  }

  async noteFreeze(paths: InstancePaths, note: FreezeNote): Promise<void> {
    await writeWhole(paths.frozen, note);
  }

  async forgetFreeze(paths: InstancePaths): Promise<void> {
    await rm(paths.frozen, { force: true });
  }

  async noteStop(paths: InstancePaths, note: StopNote): Promise<void> {
    await writeWhole(paths.stopping, note);
  }

  async markEnded(paths: InstancePaths, ending: Ending): Promise<void> {
    if (!(await readWhole(paths.ended))) await writeWhole(paths.ended, ending);
  }

  async removeDisks(paths: InstancePaths): Promise<void> {
    // Before hiding the folder: the pod may stay for long, and its emptyDir with it.
    for (const name of await readdir(paths.ephemeral).catch(emptyIfGone)) await rm(join(paths.ephemeral, name));
    await this.#shown.hide(paths.disks);
    for (const folder of [paths.disks, paths.cloudInit]) await rm(folder, { recursive: true, force: true });
    await rm(paths.variables, { force: true });
  }

  async removeFolder(paths: InstancePaths): Promise<void> {
    await this.removeDisks(paths);
    // A failure to keep the log must not leave the folder behind.
    await this.#keepLog(paths).catch(() => {});
    await rm(paths.folder, { recursive: true, force: true });
  }

  /** The paths of an instance below the state folder. */
  paths(uid: string): InstancePaths {
    return instancePaths(this.#stateFolder, uid);
  }

  async #keepLog(paths: InstancePaths): Promise<void> {
    const instance = await readWhole<VirtualMachineInstance>(paths.instance);
    const kept = instance && previousLog(this.#stateFolder, instance);
    if (kept !== undefined) await keepLog(paths.consoleLog, kept);
  }

  /** Makes a file and gives it to the machine's user. */
  async #make(file: string, make: (part: string) => Promise<unknown>): Promise<void> {
    await makeWhole(file, async (part) => {
      await make(part);
      const [uid = ""] = relative(this.#stateFolder, file).split(sep);
      await this.#give(this.paths(uid), part);
    });
  }

  async #give(paths: InstancePaths, file: string): Promise<void> {
    const user = await this.#userOf(paths);
    await chmod(file, 0o600);
    await chown(file, user, user);
  }

  async #userOf(paths: InstancePaths): Promise<number> {
    const user = await this.#users.of(paths);
    if (user === undefined) throw new Error(`${paths.sockets} belongs to no user of machines`);
    return user;
  }

  async #overlay(paths: InstancePaths, volume: string, base: string, { format, bytes }: ImageInfo): Promise<void> {
    await this.#make(join(paths.ephemeral, `${volume}.qcow2`), (part) =>
      // With the size given, qemu-img does not open the image below.
      run(["qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", base, "-F", format, part, String(bytes)]),
    );
  }
}
