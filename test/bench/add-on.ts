import { KubeClient } from "../../api/kube/client/client.ts";
import { fromKubeconfig } from "../../api/kube/credentials/kubeconfig.ts";
import { install } from "../../cluster/install.ts";
import { type UpOptions, up } from "../../cluster/up.ts";
import type { BenchContext } from "./measurement.ts";

/** Starts a cluster of one node with the add-on installed as for users; returns an administrator's client. */
export async function withAddOn(
  { cluster, step }: BenchContext,
  options: Partial<UpOptions> = {},
): Promise<KubeClient> {
  await step.step("cluster", (work) => up(cluster, { nodes: 1, ...options }, work));
  await step.step("add-on", (work) => install(cluster, work));
  return new KubeClient(await fromKubeconfig({ file: cluster.kubeconfig }), { userAgent: "bench" });
}
