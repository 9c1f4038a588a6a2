import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Controllers of cgroup v1 that QEMU moves into. `devices` is not one: QEMU opens devices when they are plugged in. */
const controllers = ["cpu", "cpuacct", "memory", "cpuset", "pids", "blkio", "freezer", "systemd"];

/** The mounted cgroup hierarchies: one of v2, or several of v1. */
export interface Hierarchies {
  /** The hierarchy in which the daemon looks for pods. */
  readonly first: string;
  readonly all: readonly string[];
}

/** Finds the hierarchies below a root such as `/sys/fs/cgroup`. */
export async function hierarchies(root: string): Promise<Hierarchies> {
  const entries = await readdir(root);
  if (entries.includes("cgroup.controllers")) return { first: root, all: [root] };
  // The root may mount several controllers together, with a link for each controller's name.
  const names = controllers.filter((name) => entries.includes(name));
  const [first] = names.includes("memory") ? ["memory"] : names;
  if (first === undefined) throw new Error(`${root}: no cgroup hierarchy is mounted there`);
  return { first: join(root, first), all: names.map((name) => join(root, name)) };
}

/**
 * The folders below a hierarchy that may be a pod's cgroup: one for each quality-of-service class of each of the
 * kubelet's two drivers. The kubelet's configuration may put `kubepods` itself below another folder.
 */
export function podFolders(podUid: string): string[] {
  const slice = podUid.replaceAll("-", "_");
  return [
    `kubepods/burstable/pod${podUid}`,
    `kubepods/besteffort/pod${podUid}`,
    `kubepods/pod${podUid}`,
    `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${slice}.slice`,
    `kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${slice}.slice`,
    `kubepods.slice/kubepods-pod${slice}.slice`,
  ];
}

/** The processes of a cgroup; none when the cgroup is gone. */
export async function processesOf(cgroup: string): Promise<number[]> {
  const text = await readFile(join(cgroup, "cgroup.procs"), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).map(Number);
}
