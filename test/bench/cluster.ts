import { KubeClient } from "../../api/kube/client/client.ts";
import { fromKubeconfig } from "../../api/kube/credentials/kubeconfig.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { down } from "../../cluster/down.ts";
import { type ClusterStatus, status } from "../../cluster/status.ts";
import { up } from "../../cluster/up.ts";
import { type Bench, type Row, rowOf } from "./measurement.ts";
import { PausePods } from "./starters.ts";

const rounds = 3;
const pods = 5;

/** Measures the local cluster itself: its start and end, a Pod's way to Ready, and the memory of each part. */
export const bench: Bench = async ({ cluster, step }) => {
  const seconds = async (title: string, work: () => Promise<void>): Promise<number> => {
    const since = performance.now();
    await step.step(title, work);
    return (performance.now() - since) / 1000;
  };
  // The first `up` builds missing parts, so it does not count.
  await step.step("set-up", (setUp) => up(cluster, { nodes: 1 }, setUp));
  const downs: number[] = [];
  const ups: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    downs.push(await seconds(`down ${round}`, () => down(cluster, step)));
    ups.push(await seconds(`up ${round}`, () => up(cluster, { nodes: 1 }, step)));
  }
  const again = await seconds("up of a healthy cluster", () => up(cluster, { nodes: 1 }, step));
  const memory = memoryRows(await status(cluster));
  const ready = await step.step("pause pods", () => podsToReady(cluster));
  return [
    rowOf("up, warm, one node", "s", ups, { bar: 40 }),
    rowOf("down", "s", downs, { bar: 10 }),
    rowOf("up of a healthy cluster", "s", [again]),
    rowOf("pause pod, create to Ready", "ms", ready),
    ...memory,
  ];
};

/** Measures the milliseconds from a Pod's creation until it is Ready, for Pods one after another. */
async function podsToReady(cluster: Cluster): Promise<number[]> {
  const client = new KubeClient(await fromKubeconfig({ file: cluster.kubeconfig }), { userAgent: "bench" });
  await using starter = new PausePods(client);
  const found: number[] = [];
  for (let number = 0; number <= pods; number += 1) {
    found.push(await starter.start(`pause-${number}`));
    await starter.end([`pause-${number}`]);
  }
  client.close();
  // The first one loads caches.
  return found.slice(1);
}

function memoryRows({ controlPlane, nodes, memory }: ClusterStatus): Row[] {
  const mebibytes = (what: string, bytes: number): Row => rowOf(`memory (PSS): ${what}`, "MiB", [bytes / 1024 ** 2]);
  return [
    ...controlPlane.components.map(({ name, memory: bytes }) => mebibytes(name, bytes)),
    ...nodes.flatMap((node) =>
      node.components.map(({ name, memory: bytes }) => mebibytes(`${node.name} ${name}`, bytes)),
    ),
    mebibytes("all", memory),
  ];
}
