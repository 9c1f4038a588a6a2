import type { Credentials } from "./credentials.ts";
import { inCluster, isInCluster } from "./in-cluster.ts";
import type { KubeconfigOptions } from "./kubeconfig.ts";

/** The pod's service account in a pod, else a kubeconfig; a file or context that is named, or `$KUBECONFIG`, wins. */
export async function loadCredentials(options: KubeconfigOptions = {}): Promise<Credentials> {
  const named = options.file ?? options.context ?? process.env.KUBECONFIG;
  if (!named && isInCluster()) return inCluster();
  const { fromKubeconfig } = await import("./kubeconfig.ts");
  return fromKubeconfig(options);
}
