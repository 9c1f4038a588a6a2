import { chmod, chown, readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { undefinedIfGone } from "../../../api/values/error-code.ts";
import type { ImageFile, ImageFormat } from "../../domain-xml/volume.ts";
import type { Ending } from "../../drivers/ending.ts";
import type { FreezeNote, StopNote } from "../../drivers/notes.ts";
import type { OpenedImage, Storage, StorageObservation } from "../../drivers/storage.ts";
import { type InstancePaths, previousLog, previousLogs, uidPattern } from "../../instance/paths.ts";
import type { QemuUser } from "../../instance/qemu-user.ts";
import type { PodLink } from "../../network/pod-link.ts";
import { emptyIfGone, readWhole, writeWhole } from "../whole-file.ts";
import { isBlockDevice } from "./device-nodes.ts";
import { groupToOpen } from "./image-access.ts";
import { imageOf } from "./image-name.ts";
import type { MachineUsers } from "./machine-users.ts";
import { makeFolder } from "./make-folder.ts";
import { dropOldLogs, keepLog } from "./previous-logs.ts";
import type { ShownFiles } from "./shown-files.ts";

export interface NodeFoldersOptions {
  readonly stateFolder: string;
  readonly users: MachineUsers;
  readonly shown: ShownFiles;
}

/** Folders below the state folder. This process and the node see that folder at the same path. */
export class NodeFolders implements Storage {
  readonly #stateFolder: string;
  readonly #users: MachineUsers;
  readonly #shown: ShownFiles;

  constructor({ stateFolder, users, shown }: NodeFoldersOptions) {
    this.#stateFolder = stateFolder;
    this.#users = users;
    this.#shown = shown;
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
    const shown = await shownImages(paths, disks, mounted);
    return {
      user,
      started: files.includes("started"),
      stopping: files.includes(basename(paths.stopping)) ? await readWhole<StopNote>(paths.stopping) : undefined,
      ended: files.includes(basename(paths.ended)) ? await readWhole<Ending>(paths.ended) : undefined,
      frozen: files.includes(basename(paths.frozen)) ? await readWhole<FreezeNote>(paths.frozen) : undefined,
      disks: ownImages(ephemeral),
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

  async grantAccess(paths: InstancePaths, images: readonly OpenedImage[]): Promise<QemuUser> {
    const user = await this.#users.requiredOf(paths);
    const groups = await Promise.all(images.map((image) => groupToOpen(image, user)));
    const group = groups.find((one) => one !== user) ?? user;
    await chown(paths.folder, 0, group);
    await chmod(paths.folder, 0o710);
    return { user, group };
  }

  async userWithAccess(paths: InstancePaths): Promise<QemuUser | undefined> {
    const user = await this.#users.of(paths);
    return user === undefined ? undefined : { user, group: (await stat(paths.folder)).gid };
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

  async #keepLog(paths: InstancePaths): Promise<void> {
    const instance = await readWhole<VirtualMachineInstance>(paths.instance);
    const kept = instance && previousLog(this.#stateFolder, instance);
    if (kept !== undefined) await keepLog(paths.consoleLog, kept);
  }
}

/** The formats of complete images, by volume, given the names of all files in their folder. */
function ownImages(names: readonly string[]): Map<string, ImageFormat> {
  const images = names.map((name) => imageOf(name));
  return new Map(images.flatMap((image) => (image && !image.shown ? [[image.volume, image.format]] : [])));
}

/** The images of others that are shown, by volume, given the names of all files in the disks' folder. */
async function shownImages(
  paths: InstancePaths,
  names: readonly string[],
  mounted: ReadonlySet<string>,
): Promise<{ base: Map<string, ImageFile>; claim: Map<string, ImageFile> }> {
  const shown = { base: new Map<string, ImageFile>(), claim: new Map<string, ImageFile>() };
  for (const name of names) {
    const image = imageOf(name);
    if (!image?.shown) continue;
    const file = join(paths.disks, name);
    // A mounted image is a file. A stat would ask the claim's storage, which may never answer, and a few stuck calls
    // block all file access of the daemon.
    const block = !mounted.has(file) && (await isBlockDevice(file));
    // After a reboot of the node the file exists, but nothing is mounted on it.
    if (block || mounted.has(file)) shown[image.shown].set(image.volume, { file, format: image.format, block });
  }
  return shown;
}
