import { down } from "../cluster/down.ts";
import { progress } from "../cluster/progress.ts";
import { up } from "../cluster/up.ts";
import { cluster } from "./cluster.ts";

/** Starts the cluster that the tests share, with two nodes, and ends it when they are done. */
export async function setup(): Promise<() => Promise<void>> {
  const root = progress({ live: false, quietBelow: 200 });
  await root.step(`cluster ${cluster.name}`, (step) => up(cluster, { nodes: 2 }, step));
  return async () => {
    if (process.env.KEEP_CLUSTER) return;
    await root.step(`cluster ${cluster.name} down`, (step) => down(cluster, step));
  };
}
