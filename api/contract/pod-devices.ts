import { createHash } from "node:crypto";
import type { Network } from "../schema/network.ts";

/** The name that container runtimes give a pod's first device. */
export const podDevice = "eth0";

/** Whether a network is the pod's own network. */
export function isPodNetwork({ pod, multus }: Network): boolean {
  return pod !== undefined || multus?.default === true;
}

/**
 * The name of the pod's device for a network. For devices that Multus adds, the pod's annotation gives KubeVirt's
 * names: they depend on the networks' names, not on their order.
 */
export function podDeviceOf(network: Network): string {
  if (isPodNetwork(network)) return podDevice;
  return `pod${createHash("sha256").update(network.name).digest("hex").slice(0, 11)}`;
}
