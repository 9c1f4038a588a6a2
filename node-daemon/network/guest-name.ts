import type { Resolver } from "./pod-network.ts";

/** What a guest is called in its cluster. */
export interface GuestName {
  readonly hostname: string;
  readonly namespace: string;
  /** The domain, in that of its namespace's Services, that its host is in. */
  readonly subdomain?: string | undefined;
}

/** The bytes of options that every client of DHCP takes (RFC 2131, 2), but for the last one and one that udhcpd leaves free. */
const answerBytes = 306;
/** What is in every answer: its kind, who answers, lease, netmask, broadcast address, router, MTU. */
const fixedBytes = 3 + 6 + 6 + 6 + 6 + 6 + 4;
/** The number and the length of an option. */
const headBytes = 2;

/**
 * The pod's resolver as its guest is told of it: what it is in itself, `SUBDOMAIN.NAMESPACE.svc.DOMAIN`, is searched first. The
 * kubelet leaves that out of pods' (kubernetes/kubernetes#48019), and tells what the cluster's domain is by the others
 * only. What has no form in DHCP, or no room beside `others` bytes of other options, is left out: dnsmasq and udhcpd would
 * leave out all, cut a domain in two, or end.
 */
export function guestResolver(resolver: Resolver, { hostname, namespace, subdomain }: GuestName, others = 0): Resolver {
  const known = resolver.searches.map((domain) => domain.replace(/\.$/, "")).filter(isName);
  const services = known.find((domain) => domain.startsWith(`${namespace}.svc.`));
  const own = subdomain && services ? [`${subdomain}.${services}`] : [];
  const [first = "", ...rest] = new Set([...own, ...known]);
  const told = [resolver.servers.length * 4, hostname.length, first.length, 0];
  const used = told.reduce((sum, bytes) => sum + headBytes + bytes, fixedBytes + others);
  const room = Math.min(answerBytes - used, 255);
  const searches: string[] = [];
  for (const domain of first ? [first, ...rest] : []) {
    if (searchBytes([...searches, domain]) <= room) searches.push(domain);
  }
  return { ...resolver, searches };
}

/** How many bytes a list of domains is as DNS writes them (RFC 1035, 3.1), one after another. */
export function searchBytes(domains: readonly string[]): number {
  return domains.reduce((sum, domain) => sum + Buffer.byteLength(domain) + 2, 0);
}

/** Whether all labels of a domain have a length that labels have. Kubernetes takes longer ones. */
function isName(domain: string): boolean {
  return domain.split(".").every((label) => /^[^\s,]+$/.test(label) && Buffer.byteLength(label) <= 63);
}
