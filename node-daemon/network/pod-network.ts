import { isIP } from "node:net";

/** A placeholder's network, as it is in the pod. */
export interface PodNetwork {
  /** The largest packet that its device sends. */
  readonly mtu: number;
  /** The pod's addresses; the first is its main one. */
  readonly addresses: readonly string[];
  readonly resolver: Resolver;
}

/** What a `resolv.conf` says (resolv.conf(5)). */
export interface Resolver {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
}

/** Reads a `resolv.conf`. The last `search` counts. */
export function parseResolver(text: string): Resolver {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const servers = lines.flatMap(([key, value]) => (key === "nameserver" && value && isIP(value) ? [value] : []));
  const [, ...searches] = lines.findLast(([key]) => key === "search" || key === "domain") ?? [];
  // "." stands for no search at all.
  return { servers, searches: searches.filter((domain) => domain !== ".") };
}

/**
 * The pod's addresses in the `/etc/hosts` that the kubelet writes into each container: it names the pod by its host name
 * there, and its own lines for the machine itself are loopback and multicast ones.
 */
export function parsePodAddresses(hosts: string): string[] {
  return hosts.split("\n").flatMap((line) => {
    const [address = ""] = line.split(/\s+/);
    const own = isIP(address) !== 0 && !/^(127\.|::1$|f[ef]00:)/i.test(address);
    return own ? [address] : [];
  });
}
