import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../api/values/error-code.ts";

/** A mounted cgroup v1 hierarchy: its mount options (`cpu,cpuacct`, `name=systemd`) and its mount point. */
export interface Hierarchy {
  options: string;
  mountpoint: string;
}

/** The controllers that the kubelet and runc need. */
export const neededControllers = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"] as const;

/** The cgroup v1 hierarchies of this machine, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
export async function hierarchies(): Promise<Hierarchy[]> {
  const known = new Set<string>(neededControllers);
  const found: Hierarchy[] = [];
  for (const line of (await readFile("/proc/self/mountinfo", "utf8")).trim().split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const [type, , superOptions = ""] = after.split(" ");
    const mountpoint = before.split(" ")[4];
    if (type !== "cgroup" || mountpoint === undefined) continue;
    const options = superOptions.split(",").filter((option) => known.has(option) || option === "name=systemd");
    if (options.length > 0) found.push({ options: options.join(","), mountpoint });
  }
  return found;
}

/** Makes the cgroup `path` in each hierarchy, with all CPUs and memory nodes. Keeps an existing one. */
export async function makeCgroup(path: string): Promise<void> {
  for (const { options, mountpoint } of await hierarchies()) {
    let folder = mountpoint;
    for (const part of path.split("/")) {
      const parent = folder;
      folder = join(folder, part);
      await mkdir(folder, { recursive: true });
      // A new cpuset has no CPUs, and accepts no process until it gets some.
      if (!options.split(",").includes("cpuset")) continue;
      for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        if ((await readFile(join(folder, file), "utf8")).trim() === "") {
          await writeFile(join(folder, file), await readFile(join(parent, file), "utf8"));
        }
      }
    }
  }
}

/** Removes the cgroup `path` and all cgroups below it from each hierarchy. Ignores missing ones. */
export async function removeCgroup(path: string): Promise<void> {
  for (const { mountpoint } of await hierarchies()) await removeTree(join(mountpoint, path));
}

/** Removes the cgroup `path` from each hierarchy in which it has no cgroups below it. */
export async function removeEmptyCgroup(path: string): Promise<void> {
  for (const { mountpoint } of await hierarchies()) {
    if ((await subfolders(join(mountpoint, path))).length === 0) await removeTree(join(mountpoint, path));
  }
}

async function removeTree(folder: string): Promise<void> {
  for (const entry of await subfolders(folder)) await removeTree(join(folder, entry));
  await rmdir(folder).catch((error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw new Error(`removing cgroup ${folder}`, { cause: error });
  });
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** The mount point of the pids hierarchy. Every process is in it, so it shows a cgroup's members. */
async function pidsMountpoint(): Promise<string> {
  const pids = (await hierarchies()).find(({ options }) => options.split(",").includes("pids"));
  if (!pids) throw new Error("no cgroup v1 hierarchy with the pids controller is mounted");
  return pids.mountpoint;
}

/** The PIDs in the cgroup `path`; with `below`, also those of the cgroups below it. */
export async function cgroupProcesses(path: string, { below = false } = {}): Promise<number[]> {
  return processesIn(join(await pidsMountpoint(), path), below);
}

/** The CPU seconds used by processes in the cgroup `path` and below it. */
export async function cpuSeconds(path: string): Promise<number> {
  const accounting = (await hierarchies()).find(({ options }) => options.split(",").includes("cpuacct"));
  if (!accounting) throw new Error("no cgroup v1 hierarchy with the cpuacct controller is mounted");
  return Number(await readFile(join(accounting.mountpoint, path, "cpuacct.usage"), "utf8")) / 1e9;
}

async function processesIn(folder: string, below: boolean): Promise<number[]> {
  const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
  const pids = text.split("\n").filter(Boolean).map(Number);
  if (below) for (const entry of await subfolders(folder)) pids.push(...(await processesIn(join(folder, entry), true)));
  return pids;
}

/** The names of the cgroups right below `path`; none when it does not exist. */
export async function childCgroups(path: string): Promise<string[]> {
  return subfolders(join(await pidsMountpoint(), path));
}
