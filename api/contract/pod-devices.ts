import { createHash } from "node:crypto";
import type { Network } from "../schema/network.ts";

/** The name that container runtimes give a pod's first device. */
export const podDevice = "eth0";

/** Whether a network is the one that the pod itself is on. */
export function isPodNetwork({ pod, multus }: Network): boolean {
  return pod !== undefined || multus?.default === true;
}

/**
 * The name of the pod's device of a network. Multus is told KubeVirt's names for those that it adds: not the order of the
 * networks counts, but what they are called.
 */
export function podDeviceOf(network: Network): string {
  if (isPodNetwork(network)) return podDevice;
  return `pod${createHash("sha256").update(network.name).digest("hex").slice(0, 11)}`;
}
