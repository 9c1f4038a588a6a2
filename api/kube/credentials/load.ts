import type { Credentials } from "./credentials.ts";
import { hasServiceAccount, type InClusterOptions, inCluster, isInCluster } from "./in-cluster.ts";
import type { KubeconfigOptions } from "./kubeconfig.ts";

export interface LoadOptions extends KubeconfigOptions {
  /**
   * Whether in a pod, too, `~/.kube/config` goes before the service account, as with kubectl: whoever runs a command there
   * has put it there. The programs that pods are made for are who their service account is.
   */
  kubeconfigFirst?: boolean;
  pod?: InClusterOptions;
}

/** The pod's service account in a pod, else a kubeconfig; a file or context that is named, or `$KUBECONFIG`, wins. */
export async function loadCredentials({
  kubeconfigFirst = false,
  pod,
  ...options
}: LoadOptions = {}): Promise<Credentials> {
  const { overrides } = options;
  const named = options.file || options.context || process.env.KUBECONFIG;
  if (!named && !kubeconfigFirst && isInCluster(pod?.env)) return inCluster(pod, overrides);
  const { fromKubeconfig, ifKubeconfig } = await import("./kubeconfig.ts");
  // Files that are not there name nothing.
  const asked = { mayBeInsecure: kubeconfigFirst, ...options };
  const found = hasServiceAccount(pod) ? await ifKubeconfig(asked) : await fromKubeconfig(asked);
  return found ?? inCluster(pod, overrides);
}
