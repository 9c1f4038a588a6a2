import { readdir, readFile, readlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { hierarchies, neededControllers } from "./cgroup.ts";
import { exists } from "./exists.ts";

/** The programs of the machine that this code calls; all others come with the node's root folder. */
const neededPrograms = [
  "unshare",
  "nsenter",
  "setsid",
  "flock",
  "mount",
  "pivot_root",
  "perl",
  "apt-get",
  "dpkg-deb",
  "gcc",
  "go",
];

/** The reason, in one sentence, why the machine cannot run a cluster; `undefined` when it can. */
export async function missing(): Promise<string | undefined> {
  if (process.platform !== "linux") return `the local cluster needs Linux; this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "the local cluster needs root, for namespaces, mounts and cgroups";
  const absent = await filter(neededPrograms, async (name) => !(await inPath(name)));
  if (absent.length > 0) return `these programs are not in PATH: ${absent.join(", ")}`;
  const mounted = (await hierarchies()).flatMap(({ options }) => options.split(","));
  const controllers = neededControllers.filter((controller) => !mounted.includes(controller));
  if (controllers.length > 0) {
    const unified = (await readFile("/proc/self/mountinfo", "utf8")).includes(" - cgroup2 ");
    const instead = unified
      ? " (cgroup v2 alone is not supported yet: boot with systemd.unified_cgroup_hierarchy=0)"
      : "";
    return `these cgroup v1 controllers are not mounted: ${controllers.join(", ")}${instead}`;
  }
  const filesystems = await readFile("/proc/filesystems", "utf8");
  if (!/\boverlay$/m.test(filesystems)) return "the kernel has no overlay file system (try: modprobe overlay)";
  if (!(await exists("/dev/net/tun"))) return "there is no /dev/net/tun (try: modprobe tun)";
  return undefined;
}

/** Inotify instances that a cluster's programs use of a user's limit, measured: the control plane's and each node's. */
const inotifyInstances = { controlPlane: 11, node: 8 } as const;

/**
 * Says in one sentence that root has too few inotify instances left for a new cluster; `undefined` when there are
 * enough. With too few, containerd and the kubelet fail without a clear reason.
 */
export async function inotifyShortage(nodes: number): Promise<string | undefined> {
  const needed = inotifyInstances.controlPlane + nodes * inotifyInstances.node;
  const limit = Number(await readFile("/proc/sys/fs/inotify/max_user_instances", "utf8"));
  const used = await usedInotifyInstances();
  if (limit - used >= needed) return undefined;
  return (
    `${nodes === 1 ? "one node needs" : `${nodes} nodes need`} ${needed} inotify instances, but ${used} of ${limit} are in use: ` +
    "take another cluster down, or raise the limit with sysctl -w fs.inotify.max_user_instances=1024"
  );
}

async function usedInotifyInstances(): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const counts = await Promise.all(
    pids.map(async (pid) => {
      const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
      const targets = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => "")));
      return targets.filter((target) => target === "anon_inode:inotify").length;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function inPath(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return (await filter(folders, (folder) => exists(join(folder, program)))).length > 0;
}

async function filter<T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(keep));
  return items.filter((_, index) => kept[index]);
}
