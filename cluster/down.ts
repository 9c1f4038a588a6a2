import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { detachLoops } from "./block-volumes.ts";
import { childCgroups, removeCgroup, removeEmptyCgroup } from "./cgroup.ts";
import type { Cluster } from "./cluster.ts";
import { lock } from "./lock.ts";
import type { Step } from "./progress.ts";

/**
 * Ends a cluster and removes its processes, cgroups, loop devices and state folder. Its mounts, links and packet filter
 * rules are in its namespaces and end with their last process. The cluster may exist only in part, or not at all.
 */
export async function down(cluster: Cluster, step: Step): Promise<void> {
  await using _held = await lock(cluster.lockFile, () => step.update("waiting for another run"));
  // The cgroups show the running bundles, even if the state folder is gone.
  const names = await childCgroups(cluster.cgroup);
  await step.step("processes and namespaces", async () => {
    await Promise.all(names.map((name) => cluster.bundle(name).end()));
    await removeCgroup(cluster.cgroup);
    await removeEmptyCgroup(dirname(cluster.cgroup));
  });
  await step.step("disks and state", async () => {
    await detachLoops(cluster.folder);
    await rm(cluster.folder, { recursive: true, force: true });
  });
  const left = await remains(cluster);
  if (left.length > 0) throw new Error(`cluster ${cluster.name} left behind: ${left.join("; ")}`);
}

/** The remains of a cluster, in words; none when it is gone. */
export async function remains(cluster: Cluster): Promise<string[]> {
  const names = await childCgroups(cluster.cgroup);
  const cgroups = names.map((name) => `cgroup ${cluster.cgroup}/${name}`);
  const mounts = (await readFile("/proc/self/mountinfo", "utf8"))
    .split("\n")
    .filter((line) => line.includes(cluster.folder))
    .map((line) => `mount ${line.split(" ")[4]}`);
  return [...cgroups, ...mounts];
}
