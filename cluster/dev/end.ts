import type { Bundle } from "../bundle.ts";
import type { Cluster } from "../cluster.ts";
import { until } from "../component.ts";
import { sourceNode } from "./source-program.ts";
import { removeStandIns } from "./stand-ins.ts";

/** Ends all programs that run from the source tree in a cluster, including those of a killed development mode. */
export async function endDevelopment(cluster: Cluster): Promise<void> {
  const machines = [cluster.controlPlane, ...(await cluster.nodes()).map(({ bundle }) => bundle)];
  await Promise.all(machines.map(endPrograms));
  await removeStandIns(cluster);
}

async function endPrograms(bundle: Bundle): Promise<void> {
  const ours = async () => (await bundle.processes()).filter(({ program }) => program === sourceNode);
  for (const { pid } of await ours()) process.kill(pid, "SIGTERM");
  await until(async () => (await ours()).length === 0, 10_000).catch(async () => {
    for (const { pid } of await ours()) process.kill(pid, "SIGKILL");
  });
}
