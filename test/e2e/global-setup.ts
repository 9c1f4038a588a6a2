import { Cluster } from "../../cluster/cluster.ts";
import { down } from "../../cluster/down.ts";
import { progress, type Step } from "../../cluster/progress.ts";
import { up } from "../../cluster/up.ts";
import { clusterName, workers } from "./workers.ts";

/** Starts the shared clusters of the tests, with two nodes each, and ends them after the tests. */
export async function setup(): Promise<() => Promise<void>> {
  const root = progress({ live: false, quietBelow: 200 });
  const clusters = Array.from({ length: workers }, (_, index) => new Cluster(clusterName(index + 1)));
  const onEach = async (what: string, act: (cluster: Cluster, step: Step) => Promise<unknown>): Promise<void> => {
    const done = await Promise.allSettled(
      clusters.map((cluster) => root.step(`cluster ${cluster.name}${what}`, (step) => act(cluster, step))),
    );
    for (const result of done) if (result.status === "rejected") throw result.reason;
  };
  await onEach("", (cluster, step) => up(cluster, { nodes: 2 }, step));
  return async () => {
    if (!process.env.KEEP_CLUSTER) await onEach(" down", down);
  };
}
