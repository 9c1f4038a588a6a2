import {
  chmod,
  chown,
  constants,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { ImageFile, ImageFormat } from "../domain-xml/volume.ts";
import type { PodLink } from "../network/pod-link.ts";
import { type InstancePaths, instancePaths, previousLog, previousLogs, uidPattern } from "../paths.ts";
import type {
  ClaimDisk,
  ClaimVolume,
  DeviceNumber,
  Ending,
  HeldFile,
  OpenedImage,
  QemuUser,
  StopNote,
  Storage,
  StorageObservation,
} from "../ports.ts";
import type { UserRange } from "../qemu-users.ts";
import { RefusedError } from "../refused-error.ts";
import { openClaimImage } from "./claim-image.ts";
import { onNode, run } from "./command.ts";
import { findNode, isBlockDevice } from "./device-nodes.ts";
import { orUndefined } from "./error-code.ts";
import { isLocked } from "./file-locks.ts";
import { groupToOpen } from "./image-access.ts";
import { type ImageInfo, inspectImage, UnfitImageError } from "./image-info.ts";
import { writeIso } from "./iso-image.ts";
import { MachineUsers } from "./machine-users.ts";
import { parseMountinfo } from "./mountinfo.ts";
import { dropOldLogs, keepLog } from "./previous-logs.ts";
import { exists, orNothing, readWhole, writeWhole } from "./whole-file.ts";

/** Where the program is that `deploy/images/show-as` makes. */
const besideProgram = fileURLToPath(new URL("show-as", import.meta.url));

/** Bytes that have to be free before a guest is let go on whose storage was full. */
const someRoom = 1 << 20;

export interface NodeStorageOptions {
  stateFolder: string;
  /** The users that machines' QEMUs may be. */
  users: UserRange;
  /** Where the node's processes are seen. */
  proc?: string;
  /** The program that shows a file as another user's. */
  showAs?: string;
}

/** Images and folders below the state folder, which this process and the node see at the same path. */
export class NodeStorage implements Storage {
  readonly #stateFolder: string;
  readonly #users: MachineUsers;
  readonly #proc: string;
  readonly #showAs: string;
  /** The last device node is made: two of one device are not to be made at once. */
  #devices: Promise<unknown> = Promise.resolve();

  constructor({ stateFolder, users, proc = "/proc", showAs = besideProgram }: NodeStorageOptions) {
    this.#stateFolder = stateFolder;
    this.#users = new MachineUsers(users, { stateFolder, proc });
    this.#proc = proc;
    this.#showAs = showAs;
  }

  async list(): Promise<string[]> {
    const entries = await readdir(this.#stateFolder, { withFileTypes: true }).catch(orNothing);
    // Logs are not worth a daemon that does not start.
    await dropOldLogs(previousLogs(this.#stateFolder)).catch(() => {});
    const uids = entries.filter((entry) => entry.isDirectory() && uidPattern.test(entry.name)).map(({ name }) => name);
    // The build before left them open to all. Its QEMUs have opened what they need.
    for (const uid of uids) await chmod(join(this.#stateFolder, uid), 0o710).catch(orUndefined);
    return uids;
  }

  async observe(paths: InstancePaths): Promise<StorageObservation | undefined> {
    const files = await readdir(paths.folder).catch(() => undefined);
    if (!files) return undefined;
    const [disks, isos, user] = await Promise.all([
      readdir(paths.disks).catch(orNothing),
      readdir(paths.cloudInit).catch(orNothing),
      this.#users.of(paths),
    ]);
    const mounted = disks.some((name) => /\.(base|claim)\./.test(name)) ? await this.#mountPoints() : new Set<string>();
    const images = new Map<string, ImageFormat>();
    const shown = { base: new Map<string, ImageFile>(), claim: new Map<string, ImageFile>() };
    for (const name of disks) {
      const [, volume, kind, format] = /^([^.]+)(?:\.(base|claim))?\.(qcow2|raw)$/.exec(name) ?? [];
      if (!volume || (format !== "qcow2" && format !== "raw")) continue;
      const file = join(paths.disks, name);
      if (kind === undefined) images.set(volume, format);
      else {
        // What is mounted is a file. To ask for it is to ask the claim's storage, which may never answer: a few such
        // questions, and none of any instance is answered any more.
        const block = !mounted.has(file) && (await isBlockDevice(file));
        // After the node has started anew the file is there, but nothing is shown in it.
        if (block || mounted.has(file)) shown[kind === "base" ? "base" : "claim"].set(volume, { file, format, block });
      }
    }
    return {
      user,
      started: files.includes("started"),
      stopping: files.includes(basename(paths.stopping)) ? await readWhole<StopNote>(paths.stopping) : undefined,
      ended: files.includes(basename(paths.ended)) ? await readWhole<Ending>(paths.ended) : undefined,
      disks: images,
      bases: shown.base,
      claims: shown.claim,
      isos: new Set(isos.flatMap((name) => (name.endsWith(".iso") ? [name.slice(0, -".iso".length)] : []))),
      links: files.includes(basename(paths.links)) ? await readWhole<PodLink[]>(paths.links) : undefined,
      variables: files.includes(basename(paths.variables)),
      kernel: files.includes(basename(paths.kernel)),
      empty: disks.length === 0 && isos.length === 0 && !files.includes(basename(paths.kernel)),
    };
  }

  async makeFolder(paths: InstancePaths, instance: object): Promise<void> {
    await makeFolder(this.#stateFolder, 0o711);
    await makeFolder(paths.folder, 0o710);
    for (const folder of [paths.disks, paths.cloudInit]) await makeFolder(folder, 0o711);
    await makeFolder(paths.console, 0o700);
    await makeFolder(paths.sockets, 0o700);
    await this.#users.give(paths);
    // Last: where it is, the rest is too.
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
    // Not only for the room that it takes: nothing larger can be of use.
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
      // What is overlaid does not change.
      throw error instanceof UnfitImageError ? new RefusedError(error.message) : error;
    });
    const base = join(paths.disks, `${volume}.base.${image.format}`);
    await this.#show(paths, source, base, true);
    await this.#overlay(paths, volume, base, image);
  }

  async overlayClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void> {
    if (!claim.device) {
      await using image = await openClaimImage(claim, disk);
      return await this.makeOverlay(paths, volume, image.file, image.format);
    }
    const base = join(paths.disks, `${volume}.base.raw`);
    await this.#makeDevice(base, claim.device);
    const bytes = BigInt((await run(["blockdev", "--getsize64", base])).trim());
    await this.#overlay(paths, volume, base, { format: "raw", bytes });
  }

  async showClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void> {
    if (claim.device) return this.#makeDevice(join(paths.disks, `${volume}.claim.raw`), claim.device);
    await using image = await openClaimImage(claim, disk);
    const place = join(paths.disks, `${volume}.claim.${image.format}`);
    await this.#show(paths, image.file, place, disk.readOnly);
  }

  async inspect({ file, format }: ImageFile, what: string): Promise<void> {
    await inspectImage(file, what, format);
  }

  async hasRoom(files: readonly string[]): Promise<boolean> {
    const free = await Promise.all(
      files.map(async (file) => {
        // How full what is behind a device is, nobody tells.
        if (await isBlockDevice(file)) return true;
        const found = await statfs(file).catch(() => undefined);
        return found !== undefined && found.bavail * found.bsize >= someRoom;
      }),
    );
    return free.every(Boolean);
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

  async noteStop(paths: InstancePaths, note: StopNote): Promise<void> {
    await writeWhole(paths.stopping, note);
  }

  async markEnded(paths: InstancePaths, ending: Ending): Promise<void> {
    if (!(await readWhole(paths.ended))) await writeWhole(paths.ended, ending);
  }

  async removeDisks(paths: InstancePaths): Promise<void> {
    for (const point of await this.#mountPoints()) {
      // As it is written: umount would first ask the storage for it.
      if (dirname(point) === paths.disks) await run(onNode(["umount", "--no-canonicalize", point]));
    }
    for (const folder of [paths.disks, paths.cloudInit]) await rm(folder, { recursive: true, force: true });
    for (const file of [paths.variables, paths.kernel, paths.initrd]) await rm(file, { force: true });
  }

  async removeFolder(paths: InstancePaths): Promise<void> {
    await this.removeDisks(paths);
    // A log is not worth a folder that stays.
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
    await this.#makeWhole(file, async (part) => {
      await make(part);
      const [uid = ""] = relative(this.#stateFolder, file).split(sep);
      const user = await this.#userOf(this.paths(uid));
      await chmod(part, 0o600);
      await chown(part, user, user);
    });
  }

  /** Makes a file under another name first, so that one that is there is complete. */
  async #makeWhole(file: string, make: (part: string) => Promise<unknown>): Promise<void> {
    if (await exists(file)) return;
    const part = `${file}.part`;
    await rm(part, { force: true });
    await make(part);
    await rename(part, file);
  }

  async #userOf(paths: InstancePaths): Promise<number> {
    const user = await this.#users.of(paths);
    if (user === undefined) throw new Error(`${paths.sockets} belongs to no user of machines`);
    return user;
  }

  async #overlay(paths: InstancePaths, volume: string, base: string, { format, bytes }: ImageInfo): Promise<void> {
    await this.#make(join(paths.disks, `${volume}.qcow2`), (part) =>
      // The size is given, so that qemu-img need not open the image below.
      run(["qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", base, "-F", format, part, String(bytes)]),
    );
  }

  /**
   * Makes a device's node for QEMU. All machines have the same one, under several names: QEMU's locks are the node's. Then
   * it is open to all, but each of its names is in a folder that is closed to all but one machine.
   */
  async #makeDevice(place: string, device: DeviceNumber): Promise<void> {
    const make = async (): Promise<void> => {
      const other = await findNode(this.#stateFolder, device, await this.#mountPoints());
      if (other === undefined) {
        const node = ["b", String(device.major), String(device.minor)];
        return this.#make(place, (part) => run(onNode(["mknod", part, ...node])));
      }
      await this.#makeWhole(place, async (part) => {
        await link(other, part);
        await chmod(part, 0o666);
      });
    };
    const made = this.#devices.then(make);
    this.#devices = made.catch(() => {});
    await made;
  }

  /** Shows a file at another place of the node, and as the machine's user's where it is KubeVirt's and storage allows. */
  async #show(paths: InstancePaths, source: HeldFile, place: string, readOnly: boolean): Promise<void> {
    if ((await this.#mountPoints()).has(place)) return;
    await writeFile(place, "");
    const user = await this.#userOf(paths);
    // The path is to lead to the file that is held, not to what its name leads to now.
    await run([this.#showAs, String(user), source.path, place, ...(readOnly ? ["ro"] : [])]);
  }

  async #mountPoints(): Promise<Set<string>> {
    const mounts = parseMountinfo(await readFile(join(this.#proc, "1/mountinfo"), "utf8"));
    return new Set(mounts.map(({ point }) => point));
  }
}

async function makeFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Whatever the umask is.
  await chmod(folder, mode);
}
