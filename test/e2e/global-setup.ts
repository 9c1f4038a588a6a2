import { Cluster } from "../cluster/cluster.ts";
import { down } from "../cluster/down.ts";
import { progress } from "../cluster/progress.ts";
import { up } from "../cluster/up.ts";
import { clusterName, workers } from "./workers.ts";

/** Starts the clusters that the tests share, with two nodes each, and ends them when they are done. */
export async function setup(): Promise<() => Promise<void>> {
  const root = progress({ live: false, quietBelow: 200 });
  const clusters = Array.from({ length: workers }, (_, index) => new Cluster(clusterName(index + 1)));
  for (const cluster of clusters) {
    await root.step(`cluster ${cluster.name}`, (step) => up(cluster, { nodes: 2 }, step));
  }
  return async () => {
    if (process.env.KEEP_CLUSTER) return;
    for (const cluster of clusters) {
      await root.step(`cluster ${cluster.name} down`, (step) => down(cluster, step));
    }
  };
}
