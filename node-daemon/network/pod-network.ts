import { isIP } from "node:net";

/** A placeholder's network, as seen in the pod. */
export interface PodNetwork {
  /** The MTU of its device. */
  readonly mtu: number;
  /** The pod's addresses, the main one first. */
  readonly addresses: readonly string[];
  readonly resolver: Resolver;
}

/** The content of a `resolv.conf` (resolv.conf(5)). */
export interface Resolver {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
}

/** Parses a `resolv.conf`. The last `search` counts. */
export function parseResolver(text: string): Resolver {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const servers = lines.flatMap(([key, value]) => (key === "nameserver" && value && isIP(value) ? [value] : []));
  const [, ...searches] = lines.findLast(([key]) => key === "search" || key === "domain") ?? [];
  // "." means that there are no search domains.
  return { servers, searches: searches.filter((domain) => domain !== ".") };
}

/**
 * The pod's addresses from `/etc/hosts`. The kubelet writes this file into each container: it maps the pod's addresses
 * to its host name, and its other lines have only loopback and multicast addresses.
 */
export function parsePodAddresses(hosts: string): string[] {
  return hosts.split("\n").flatMap((line) => {
    const [address = ""] = line.split(/\s+/);
    const own = isIP(address) !== 0 && !/^(127\.|::1$|f[ef]00:)/i.test(address);
    return own ? [address] : [];
  });
}
