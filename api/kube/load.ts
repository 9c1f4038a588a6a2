import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Credentials } from "./credentials.ts";
import { hasServiceAccount, type InClusterOptions, inCluster, isInCluster } from "./in-cluster.ts";
import type { KubeconfigOptions } from "./kubeconfig.ts";

export interface LoadOptions extends KubeconfigOptions {
  /**
   * Whether in a pod, too, `~/.kube/config` goes before the service account, as with kubectl: whoever runs a command there
   * has put it there, and may have it say that the API server is not checked. The programs that pods are made for are who
   * their service account is, and check it always.
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
  const named = options.file ?? options.context ?? process.env.KUBECONFIG;
  if (!named && (kubeconfigFirst ? !hasKubeconfig() && hasServiceAccount(pod) : isInCluster(pod?.env))) {
    return inCluster(pod);
  }
  const { fromKubeconfig } = await import("./kubeconfig.ts");
  return fromKubeconfig({ mayBeInsecure: kubeconfigFirst, ...options });
}

function hasKubeconfig(): boolean {
  return existsSync(join(homedir(), ".kube", "config"));
}
