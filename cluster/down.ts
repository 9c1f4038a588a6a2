import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { detachLoops } from "./block-volumes.ts";
import { childCgroups, removeCgroup, removeEmptyCgroup } from "./cgroup.ts";
import type { Cluster } from "./cluster.ts";
import { lock } from "./lock.ts";
import type { Step } from "./progress.ts";

/**
 * Ends a cluster and removes what it left: processes, cgroups, loop devices, its state folder. Mounts, links and packet
 * filter rules live in its namespaces and go with their last process. A cluster that is half there, or not at all, is
 * fine.
 */
export async function down(cluster: Cluster, step: Step): Promise<void> {
  await using _held = await lock(cluster.lockFile, () => step.update("waiting for another run"));
  // What runs is found by its cgroup, not by the state folder, which may be gone.
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

/** What is still there of a cluster, in words; nothing when it is gone. */
export async function remains(cluster: Cluster): Promise<string[]> {
  const names = await childCgroups(cluster.cgroup);
  const cgroups = names.map((name) => `cgroup ${cluster.cgroup}/${name}`);
  const mounts = (await readFile("/proc/self/mountinfo", "utf8"))
    .split("\n")
    .filter((line) => line.includes(cluster.folder))
    .map((line) => `mount ${line.split(" ")[4]}`);
  return [...cgroups, ...mounts];
}
