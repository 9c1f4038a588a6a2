import type { Resolver } from "./pod-network.ts";

/** A guest's name in its cluster. */
export interface GuestName {
  readonly hostname: string;
  readonly namespace: string;
  /** The name's subdomain, within the domain of its namespace's Services. */
  readonly subdomain?: string | undefined;
}

/** Option bytes that all DHCP clients accept (RFC 2131, 2), minus the end mark and a byte that udhcpd leaves free. */
const answerBytes = 306;
/** Options in every answer: message type, server, lease time, netmask, broadcast address, router, MTU. */
const fixedBytes = 3 + 6 + 6 + 6 + 6 + 6 + 4;
/** The code and the length of an option. */
const headBytes = 2;

/**
 * The resolver for the guest: the pod's, with the guest's own domain `SUBDOMAIN.NAMESPACE.svc.DOMAIN` as first search
 * domain. The kubelet leaves that domain out (kubernetes/kubernetes#48019), and reveals the cluster's domain only
 * through the other search domains. Leaves out domains that DHCP cannot express or has no room for, next to
 * `otherOptions` bytes of other options. Such domains would make udhcpd exit, and dnsmasq drop all domains or cut one.
 */
export function withSearchDomains(
  resolver: Resolver,
  { hostname, namespace, subdomain }: GuestName,
  otherOptions = 0,
): Resolver {
  const known = resolver.searches.map((domain) => domain.replace(/\.$/, "")).filter(isName);
  const services = known.find((domain) => domain.startsWith(`${namespace}.svc.`));
  const own = subdomain && services ? [`${subdomain}.${services}`] : [];
  const [first = "", ...rest] = new Set([...own, ...known]);
  const lengths = [resolver.servers.length * 4, hostname.length, first.length, 0];
  const used = lengths.reduce((sum, bytes) => sum + headBytes + bytes, fixedBytes + otherOptions);
  const room = Math.min(answerBytes - used, 255);
  const searches: string[] = [];
  for (const domain of first ? [first, ...rest] : []) {
    if (searchBytes([...searches, domain]) <= room) searches.push(domain);
  }
  return { ...resolver, searches };
}

/** The size in bytes of a list of domains in DNS's format (RFC 1035, 3.1), one after another. */
export function searchBytes(domains: readonly string[]): number {
  return domains.reduce((sum, domain) => sum + Buffer.byteLength(domain) + 2, 0);
}

/** Whether all labels of a domain have a valid length. Kubernetes accepts longer ones. */
function isName(domain: string): boolean {
  return domain.split(".").every((label) => /^[^\s,]+$/.test(label) && Buffer.byteLength(label) <= 63);
}
