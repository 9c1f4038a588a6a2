import { type FSWatcher, watch } from "node:fs";
import { access, lstat, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { holdSignals, machineContainer } from "../../../api/contract/constants.ts";
import { isImageContainer, type PlaceholderImage } from "../../../api/contract/placeholder-images.ts";
import {
  claimDevice,
  claimPath,
  ephemeralDisksPath,
  mountedFilesPath,
} from "../../../api/contract/placeholder-volumes.ts";
import { type Log, noLog } from "../../../api/kube/log.ts";
import { isGone } from "../../../api/values/error-code.ts";
import type { Ending } from "../../drivers/ending.ts";
import type { ClaimMode, ClaimVolume, Container, HeldFile, Pods } from "../../drivers/pods.ts";
import { deviceNumber } from "../storage/device-number.ts";
import type { OpenFile } from "../storage/held-file.ts";
import { openImageFile } from "../storage/image-file.ts";
import { openStored } from "../storage/stored-file.ts";
import { type Hierarchies, hierarchies, podFolders, processesOf } from "./cgroups.ts";
import { isAskedToEnd, type Owner, ownerOf } from "./container-owner.ts";
import { mappedDevices } from "./mapped-devices.ts";
import { readMountedFiles } from "./mounted-files.ts";
import { type Mount, mountAt } from "./mountinfo.ts";
import { giveOomScore } from "./oom-score.ts";
import { mountsOf, openOnNode, openPodFolder } from "./pod-folders.ts";

export interface NodePodsOptions {
  /** The path where the node's cgroups are mounted. */
  cgroupRoot?: string;
  /** The path of the node's `/proc`. */
  proc?: string;
  log?: Log;
}

/** Milliseconds between checks, in case a change in the cgroups raised no event. */
const slowLook = 500;

/** Most containers whose place the cache keeps; more than a node has pods. */
const mostKept = 1000;

/** Milliseconds between checks while the runtime is creating a container. */
const quickLook = 15;

/** The pods of the node that this process runs on. The process must see the node's processes and cgroups. */
export class NodePods implements Pods {
  readonly #root: string;
  readonly #proc: string;
  readonly #log: Log;
  #hierarchies: Promise<Hierarchies> | undefined;
  /** The containers found so far, by pod UID; a search tries these first. */
  readonly #found = new Map<string, Container>();

  constructor({ cgroupRoot = "/sys/fs/cgroup", proc = "/proc", log = noLog }: NodePodsOptions = {}) {
    this.#root = cgroupRoot;
    this.#proc = proc;
    this.#log = log;
  }

  async find(podUid: string): Promise<Container | undefined> {
    const last = this.#found.get(podUid);
    const owner = last && (await this.#ownerOf(last.pid));
    if (last && owner?.podUid === podUid && owner.name === machineContainer) {
      return { ...last, askedToEnd: isAskedToEnd(await this.#statusOf(last.pid)) };
    }
    if (this.#found.size >= mostKept) this.#found.clear();
    const found = await this.#search(podUid);
    if (found) this.#found.set(podUid, found);
    else this.#found.delete(podUid);
    return found;
  }

  async askedToEnd(): Promise<string[]> {
    const asked: string[] = [];
    for (const [podUid, { pid }] of this.#found) {
      const status = await this.#statusOf(pid);
      if (status === undefined) this.#found.delete(podUid);
      else if (isAskedToEnd(status)) asked.push(podUid);
    }
    return asked;
  }

  async #search(podUid: string): Promise<Container | undefined> {
    for await (const { pid, name, path } of this.#containers(podUid)) {
      if (name !== machineContainer) continue;
      const { all } = await this.#hierarchy();
      const cgroups = all.map((hierarchy) => join(hierarchy, path));
      return { pid, cgroups, askedToEnd: isAskedToEnd(await this.#statusOf(pid)) };
    }
    return undefined;
  }

  await(podUid: string, found: () => void, signal: AbortSignal): void {
    const watchers = new Map<string, FSWatcher>();
    let timer: NodeJS.Timeout | undefined;
    let looking = false;
    let again = false;
    const end = (): void => {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    };
    const look = async (): Promise<void> => {
      if (looking) {
        again = true;
        return;
      }
      looking = true;
      clearTimeout(timer);
      const container = await this.find(podUid).catch(() => undefined);
      looking = false;
      if (signal.aborted) return;
      if (container) {
        found();
        return end();
      }
      const near = await this.#watchNear(podUid, watchers, () => void look()).catch(() => false);
      if (signal.aborted) return end();
      timer = setTimeout(() => void look(), near || again ? quickLook : slowLook);
      again = false;
    };
    signal.addEventListener("abort", end, { once: true });
    void look();
  }

  async holds({ cgroups }: Container, pid: number): Promise<boolean> {
    // `adopt` moves the process into one cgroup after another, so the last one counts.
    const last = cgroups.at(-1);
    return last !== undefined && (await processesOf(last)).includes(pid);
  }

  async adopt({ cgroups, pid: hold }: Container, pid: number): Promise<void> {
    // This comes first, because a process in the last cgroup counts as adopted.
    await giveOomScore(this.#proc, { from: hold, to: pid }, this.#log);
    // All threads of the process move with it (cgroups(7)).
    for (const cgroup of cgroups) await writeFile(join(cgroup, "cgroup.procs"), String(pid));
  }

  async release(podUid: string, phase: Ending["phase"]): Promise<void> {
    for await (const { pid, name } of this.#containers(podUid)) {
      // Others may have added containers to the pod. The daemon does not end those.
      if (name !== machineContainer && !isImageContainer(name)) continue;
      try {
        process.kill(pid, holdSignals[phase]);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
  }

  async imageFile(container: Container, wanted: PlaceholderImage, file: string | undefined): Promise<HeldFile> {
    const { what, path } = wanted;
    const proc = this.#proc;
    await using image =
      (await openPodFolder(container, path, { proc })) ?? (await this.#rootOf(container, wanted.container));
    if (!image) throw new Error(`${what}: its image is not in the placeholder pod`);
    const root = mountAt(await mountsOf(proc, container.pid), path)?.root ?? "/";
    const found = await openImageFile(image, what, file);
    const stored = await openStored(found, image, { root, proc });
    if (stored) await found.handle.close();
    return stored ?? found;
  }

  async claim(container: Container, volume: string, mode: ClaimMode): Promise<ClaimVolume> {
    if (mode === "device") return this.#device(container, volume);
    const folder = await openPodFolder(container, claimPath(volume), { proc: this.#proc });
    if (!folder) throw new Error(`volume "${volume}": its claim is not in the placeholder pod`);
    return folder;
  }

  async ephemeralDisks(container: Container): Promise<HeldFile> {
    const folder = await openPodFolder(container, ephemeralDisksPath, { proc: this.#proc });
    if (!folder) throw new Error("the placeholder pod has no folder for its disks");
    return folder;
  }

  async files(container: Container, podVolume: string): Promise<Map<string, Buffer>> {
    await using folder = await openPodFolder(container, mountedFilesPath(podVolume), { proc: this.#proc });
    if (!folder) throw new Error(`volume "${podVolume}" is not mounted in the placeholder pod`);
    try {
      return await readMountedFiles(folder.path);
    } catch (cause) {
      throw new Error(`volume "${podVolume}" of the placeholder pod cannot be read`, { cause });
    }
  }

  /** The device of a claim. It must be in the container, and the kubelet must have mapped it for the pod. */
  async #device({ pid }: Container, volume: string): Promise<ClaimVolume> {
    const path = join(this.#proc, String(pid), "root", claimDevice(volume));
    const found = await lstat(path, { bigint: true }).catch(() => undefined);
    if (!found?.isBlockDevice()) throw new Error(`volume "${volume}": its claim is not in the placeholder pod`);
    const device = deviceNumber(found.rdev);
    if (!(await this.#mappedDevices(pid)).has(`${device.major}:${device.minor}`)) {
      throw new Error(`volume "${volume}": the kubelet has not mapped its device for the placeholder pod`);
    }
    return { path, device, [Symbol.asyncDispose]: async () => {} };
  }

  async #mappedDevices(pid: number): Promise<ReadonlySet<string>> {
    const log = await this.#terminationLog(pid);
    const owner = log && ownerOf(log);
    if (!owner) return new Set();
    await using folder = await openOnNode({ ...log, root: owner.podFolder }, { proc: this.#proc });
    return folder ? await mappedDevices(folder) : new Set();
  }

  /** The `status` file of a process (proc_pid_status(5)); undefined when the process is gone. */
  async #statusOf(pid: number): Promise<string | undefined> {
    return readFile(join(this.#proc, String(pid), "status"), "utf8").catch(() => undefined);
  }

  #hierarchy(): Promise<Hierarchies> {
    this.#hierarchies ??= hierarchies(this.#root).catch((error: unknown) => {
      this.#hierarchies = undefined;
      throw error;
    });
    return this.#hierarchies;
  }

  async #podFolder(hierarchy: string, podUid: string): Promise<string | undefined> {
    for (const folder of podFolders(podUid)) {
      if (await exists(join(hierarchy, folder))) return folder;
    }
    return undefined;
  }

  /** The containers of a pod: one process of each, its name and its cgroup's path below a hierarchy. */
  async *#containers(podUid: string): AsyncGenerator<{ pid: number; name: string; path: string }> {
    const { first } = await this.#hierarchy();
    const folder = await this.#podFolder(first, podUid);
    if (!folder) return;
    for (const entry of await subfolders(join(first, folder))) {
      const path = join(folder, entry);
      for (const pid of await processesOf(join(first, path))) {
        const owner = await this.#ownerOf(pid);
        if (owner?.podUid !== podUid) continue;
        yield { pid, name: owner.name, path };
        break;
      }
    }
  }

  /**
   * The container that a process belongs to. The kubelet gives each container a termination log, whose path on the node
   * names the pod and the container. The sandbox has no such file, and QEMU lives in the node's mount namespace.
   */
  async #ownerOf(pid: number): Promise<Owner | undefined> {
    const mount = await this.#terminationLog(pid);
    return mount && ownerOf(mount);
  }

  async #terminationLog(pid: number): Promise<Mount | undefined> {
    return mountAt(await mountsOf(this.#proc, pid), "/dev/termination-log");
  }

  /** The root folder of another container of the placeholder Pod. */
  async #rootOf({ pid }: Container, name: string): Promise<OpenFile | undefined> {
    const owner = await this.#ownerOf(pid);
    if (!owner) return undefined;
    for await (const container of this.#containers(owner.podUid)) {
      if (container.name === name) return openPodFolder(container, "/", { proc: this.#proc });
    }
    return undefined;
  }

  /** Watches the pod's cgroup, or its possible parents. Returns whether the runtime is creating a container. */
  async #watchNear(podUid: string, watchers: Map<string, FSWatcher>, changed: () => void): Promise<boolean> {
    const { first } = await this.#hierarchy();
    const folder = await this.#podFolder(first, podUid);
    const places = folder ? [folder] : [...new Set(podFolders(podUid).map(dirname))];
    for (const place of places) {
      const path = join(first, place);
      if (watchers.has(path) || !(await exists(path))) continue;
      try {
        const watcher = watch(path, { persistent: false }, changed);
        watcher.on("error", () => watcher.close());
        watchers.set(path, watcher);
      } catch {
        // The folder is gone, or the node has no watches left. The timer still triggers checks.
      }
    }
    return folder !== undefined && (await subfolders(join(first, folder))).length > 1;
  }
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
