import type { Credentials } from "./credentials.ts";
import { hasServiceAccount, type InClusterOptions, inCluster, isInCluster } from "./in-cluster.ts";
import type { KubeconfigOptions } from "./kubeconfig.ts";

export interface LoadOptions extends KubeconfigOptions {
  /**
   * Whether `~/.kube/config` comes before the service account even in a pod, as with kubectl: the user who runs a
   * command there has put the file there. Programs that have their own pods use their service account.
   */
  kubeconfigFirst?: boolean;
  pod?: InClusterOptions;
}

/** Loads the service account in a pod, else a kubeconfig. A named file or context, or `$KUBECONFIG`, comes first. */
export async function loadCredentials({
  kubeconfigFirst = false,
  pod,
  ...options
}: LoadOptions = {}): Promise<Credentials> {
  const { overrides } = options;
  const named = options.file || options.context || process.env.KUBECONFIG;
  if (!named && !kubeconfigFirst && isInCluster(pod?.env)) return inCluster(pod, overrides);
  const { fromKubeconfig, ifKubeconfig } = await import("./kubeconfig.ts");
  // The named files may not exist.
  const asked = { mayBeInsecure: kubeconfigFirst, ...options };
  const found = hasServiceAccount(pod) ? await ifKubeconfig(asked) : await fromKubeconfig(asked);
  return found ?? inCluster(pod, overrides);
}
