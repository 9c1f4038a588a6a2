import {
  access,
  chmod,
  chown,
  constants,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { qemuUser } from "../../api/contract.ts";
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
  StopNote,
  Storage,
  StorageObservation,
} from "../ports.ts";
import { RefusedError } from "../refused-error.ts";
import { openClaimImage } from "./claim-image.ts";
import { onNode, run } from "./command.ts";
import { findNode, isBlockDevice } from "./device-nodes.ts";
import { isGone } from "./error-code.ts";
import { isLocked } from "./file-locks.ts";
import { type ImageInfo, inspectImage, UnfitImageError } from "./image-info.ts";
import { parseMountinfo } from "./mountinfo.ts";
import { dropOldLogs, keepLog } from "./previous-logs.ts";

/** Bytes that have to be free before a guest is let go on whose storage was full. */
const someRoom = 1 << 20;

export interface NodeStorageOptions {
  stateFolder: string;
  /** The group that QEMU runs as. */
  gid: number;
  /** Where the node's processes are seen. */
  proc?: string;
}

/** Images and folders below the state folder, which this process and the node see at the same path. */
export class NodeStorage implements Storage {
  readonly #stateFolder: string;
  readonly #gid: number;
  readonly #proc: string;
  /** The last device node is made: two of one device are not to be made at once. */
  #devices: Promise<unknown> = Promise.resolve();

  constructor({ stateFolder, gid, proc = "/proc" }: NodeStorageOptions) {
    this.#stateFolder = stateFolder;
    this.#gid = gid;
    this.#proc = proc;
  }

  async list(): Promise<string[]> {
    const entries = await readdir(this.#stateFolder, { withFileTypes: true }).catch(orNothing);
    // Logs are not worth a daemon that does not start.
    await dropOldLogs(previousLogs(this.#stateFolder)).catch(() => {});
    return entries.filter((entry) => entry.isDirectory() && uidPattern.test(entry.name)).map(({ name }) => name);
  }

  async observe(paths: InstancePaths): Promise<StorageObservation | undefined> {
    const files = await readdir(paths.folder).catch(() => undefined);
    if (!files) return undefined;
    const [disks, isos] = await Promise.all([
      readdir(paths.disks).catch(orNothing),
      readdir(paths.cloudInit).catch(orNothing),
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
    await mkdir(this.#stateFolder, { recursive: true, mode: 0o711 });
    for (const folder of [paths.folder, paths.disks, paths.cloudInit]) await makeFolder(folder, 0o711);
    await makeFolder(paths.console, 0o700);
    await makeFolder(paths.sockets, 0o700);
    await chown(paths.sockets, qemuUser, this.#gid);
    // Last: where it is, the rest is too.
    await writeWhole(paths.instance, instance);
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
    await this.#show(source, base, "bind,ro");
    await this.#overlay(paths, volume, base, image);
  }

  async overlayClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void> {
    if (!claim.device) {
      await using image = await openClaimImage(claim, disk, this.#gid);
      return await this.makeOverlay(paths, volume, image.file, image.format);
    }
    const base = join(paths.disks, `${volume}.base.raw`);
    await this.#makeDevice(base, claim.device);
    const bytes = BigInt((await run(["blockdev", "--getsize64", base])).trim());
    await this.#overlay(paths, volume, base, { format: "raw", bytes });
  }

  async showClaim(paths: InstancePaths, volume: string, claim: ClaimVolume, disk: ClaimDisk): Promise<void> {
    if (claim.device) return this.#makeDevice(join(paths.disks, `${volume}.claim.raw`), claim.device);
    await using image = await openClaimImage(claim, disk, this.#gid);
    const place = join(paths.disks, `${volume}.claim.${image.format}`);
    await this.#show(image.file, place, disk.readOnly ? "bind,ro" : "bind");
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
    await this.#make(file, async (part) => {
      const folder = await mkdtemp(`${file}.files-`);
      try {
        for (const [path, content] of Object.entries(files)) {
          await mkdir(dirname(join(folder, path)), { recursive: true });
          await writeFile(join(folder, path), content);
        }
        await run([
          "xorriso",
          "-as",
          "mkisofs",
          "-quiet",
          "-volid",
          label,
          "-joliet",
          "-rational-rock",
          "-output",
          part,
          folder,
        ]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
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

  /** Makes a file under another name first, so that one that is there is complete. */
  async #make(file: string, make: (part: string) => Promise<unknown>): Promise<void> {
    if (await exists(file)) return;
    const part = `${file}.part`;
    await rm(part, { force: true });
    await make(part);
    await chmod(part, 0o600);
    await chown(part, qemuUser, this.#gid);
    await rename(part, file);
  }

  async #overlay(paths: InstancePaths, volume: string, base: string, { format, bytes }: ImageInfo): Promise<void> {
    await this.#make(join(paths.disks, `${volume}.qcow2`), (part) =>
      // The size is given, so that qemu-img need not open the image below.
      run(["qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", base, "-F", format, part, String(bytes)]),
    );
  }

  /** Makes a device's node for QEMU. All machines have the same one, under several names: QEMU's locks are the node's. */
  async #makeDevice(place: string, device: DeviceNumber): Promise<void> {
    const make = async (): Promise<void> => {
      const other = await findNode(this.#stateFolder, device, await this.#mountPoints());
      await this.#make(place, (part) =>
        other === undefined
          ? run(onNode(["mknod", part, "b", String(device.major), String(device.minor)]))
          : link(other, part),
      );
    };
    const made = this.#devices.then(make);
    this.#devices = made.catch(() => {});
    await made;
  }

  /** Shows a file at another place of the node. */
  async #show(source: HeldFile, place: string, options: string): Promise<void> {
    if ((await this.#mountPoints()).has(place)) return;
    await writeFile(place, "");
    // The path is to lead to the file that is held, not to what its name leads to now.
    await run(onNode(["mount", "--no-canonicalize", "-o", options, source.path, place]));
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

/** Writes what `readWhole` reads. */
async function writeWhole(file: string, value: unknown): Promise<void> {
  // The name may outlive a loss of power before the content does, unless that is on the disk first.
  await writeFile(`${file}.part`, JSON.stringify(value), { mode: 0o600, flush: true });
  await rename(`${file}.part`, file);
}

/** What a file of ours says; undefined when it is not there, or a loss of power has left no JSON in it. */
async function readWhole<T>(file: string): Promise<T | undefined> {
  try {
    const value: T = JSON.parse(await readFile(file, "utf8"));
    return value;
  } catch (error) {
    if (error instanceof SyntaxError || isGone(error)) return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function orNothing(error: unknown): never[] {
  if (!isGone(error)) throw error;
  return [];
}
