import {
  access,
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { ImageFile, ImageFormat } from "../domain-xml/volume.ts";
import { qemuUser } from "../host.ts";
import { type InstancePaths, instancePaths, previousLog, previousLogs } from "../paths.ts";
import type { Ending, Storage, StorageObservation } from "../ports.ts";
import { onNode, run } from "./command.ts";
import { isGone } from "./error-code.ts";
import { inspectImage } from "./image-info.ts";
import { parseMountinfo } from "./mountinfo.ts";
import { dropOldLogs, keepLog } from "./previous-logs.ts";

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

  constructor({ stateFolder, gid, proc = "/proc" }: NodeStorageOptions) {
    this.#stateFolder = stateFolder;
    this.#gid = gid;
    this.#proc = proc;
  }

  async list(): Promise<string[]> {
    const entries = await readdir(this.#stateFolder, { withFileTypes: true }).catch(orNothing);
    await dropOldLogs(previousLogs(this.#stateFolder));
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
  }

  async observe(paths: InstancePaths): Promise<StorageObservation | undefined> {
    const files = await readdir(paths.folder).catch(() => undefined);
    if (!files) return undefined;
    const [disks, isos] = await Promise.all([
      readdir(paths.disks).catch(orNothing),
      readdir(paths.cloudInit).catch(orNothing),
    ]);
    const mounted = disks.some((name) => name.includes(".base.")) ? await this.#mountPoints() : new Set<string>();
    const images = new Map<string, ImageFormat>();
    const bases = new Map<string, ImageFile>();
    for (const name of disks) {
      const [, volume, base, format] = /^(.+?)(\.base)?\.(qcow2|raw)$/.exec(name) ?? [];
      if (!volume || (format !== "qcow2" && format !== "raw")) continue;
      const file = join(paths.disks, name);
      if (!base) images.set(volume, format);
      // After the node has started anew the file is there, but nothing is shown in it.
      else if (mounted.has(file)) bases.set(volume, { file, format });
    }
    return {
      started: files.includes("started"),
      ended: await this.#ending(paths),
      disks: images,
      bases,
      isos: new Set(isos.flatMap((name) => (name.endsWith(".iso") ? [name.slice(0, -".iso".length)] : []))),
      variables: files.includes("uefi-variables.fd"),
      empty: disks.length === 0 && isos.length === 0,
    };
  }

  async makeFolder(paths: InstancePaths, instance: object): Promise<void> {
    await mkdir(this.#stateFolder, { recursive: true, mode: 0o711 });
    for (const folder of [paths.folder, paths.disks, paths.cloudInit]) await makeFolder(folder, 0o711);
    await makeFolder(paths.console, 0o700);
    await makeFolder(paths.sockets, 0o700);
    await chown(paths.sockets, qemuUser, this.#gid);
    // Last: where it is, the rest is too.
    await writeWhole(paths.instance, JSON.stringify(instance));
  }

  async readInstance(paths: InstancePaths): Promise<unknown> {
    const text = await readFile(paths.instance, "utf8").catch(() => undefined);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async makeDisk(file: string, bytes: bigint): Promise<void> {
    await this.#make(file, (part) => run(["qemu-img", "create", "-q", "-f", "qcow2", part, String(bytes)]));
  }

  async makeVariables(file: string, template: string): Promise<void> {
    await this.#make(file, (part) => copyFile(join(this.#proc, "1/root", template), part));
  }

  async makeOverlay(paths: InstancePaths, volume: string, source: string): Promise<void> {
    const image = await inspectImage(join(this.#proc, "1/root", source), `volume "${volume}"`);
    const base = join(paths.disks, `${volume}.base.${image.format}`);
    if (!(await this.#mountPoints()).has(base)) {
      await writeFile(base, "");
      await run(onNode(["mount", "-o", "bind,ro", source, base]));
    }
    const backing = ["-b", base, "-F", image.format];
    await this.#make(join(paths.disks, `${volume}.qcow2`), (part) =>
      // The size is given, so that qemu-img need not open the image below.
      run(["qemu-img", "create", "-q", "-u", "-f", "qcow2", ...backing, part, String(image.bytes)]),
    );
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

  async markEnded(paths: InstancePaths, ending: Ending): Promise<void> {
    if (!(await this.#ending(paths))) await writeWhole(paths.ended, JSON.stringify(ending));
  }

  async removeDisks(paths: InstancePaths): Promise<void> {
    for (const point of await this.#mountPoints()) {
      if (dirname(point) === paths.disks) await run(onNode(["umount", point]));
    }
    for (const folder of [paths.disks, paths.cloudInit]) await rm(folder, { recursive: true, force: true });
    await rm(paths.variables, { force: true });
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
    const instance: VirtualMachineInstance = JSON.parse(await readFile(paths.instance, "utf8"));
    const kept = previousLog(this.#stateFolder, instance);
    if (kept !== undefined) await keepLog(paths.consoleLog, kept);
  }

  async #ending(paths: InstancePaths): Promise<Ending | undefined> {
    const text = await readFile(paths.ended, "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const ending: Ending = JSON.parse(text);
    return ending;
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

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text, { mode: 0o600 });
  await rename(`${file}.part`, file);
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
