import type { Card, Masquerade } from "./card.ts";
import type { Resolver } from "./pod-network.ts";
import type { Subnet } from "./subnet.ts";

/** What a responder does for one card: its arguments, which are those of dnsmasq. */
export type Serving = readonly string[];

/** The arguments of the one dnsmasq that gives all of a guest's cards their addresses; undefined when none needs it. */
export function dhcpArguments(servings: readonly Serving[]): string[] | undefined {
  if (servings.length === 0) return undefined;
  return [
    "--conf-file=/dev/null",
    "--no-hosts",
    "--no-resolv",
    "--pid-file=",
    "--log-facility=/dev/null",
    // No DNS.
    "--port=0",
    "--except-interface=lo",
    "--bind-interfaces",
    "--user=nobody",
    "--group=nogroup",
    // It is asked for one address, and forgets with its machine that it has given it away.
    "--leasefile-ro",
    "--dhcp-authoritative",
    "--no-ping",
    ...servings.flat(),
  ];
}

/** What a guest behind its pod is told: its address, and what it needs to know of the pod's network. */
export function masqueradeServing(
  { tap, mac }: Card & { attachment: Masquerade },
  subnets: readonly Subnet[],
  { mtu, resolver }: { mtu: number; resolver: Resolver },
  hostname: string,
): Serving {
  const ipv4 = subnets.find(({ family }) => family === 4);
  const ipv6 = subnets.find(({ family }) => family === 6);
  const searches = resolver.searches.join(",");
  const addresses = [ipv4?.guest, ipv6 && `[${ipv6.guest}]`].filter(Boolean).join(",");
  return [
    `--interface=${tap}`,
    `--dhcp-host=${mac},set:${tap},${addresses},${asName(hostname)},infinite`,
    ...(ipv4
      ? [
          `--dhcp-range=${ipv4.network},static,${netmask(ipv4.prefix)},infinite`,
          `--dhcp-option=tag:${tap},option:router,${ipv4.gateway}`,
          ...resolverOptions(tap, resolver),
          toldAnyway(tap, `option:mtu,${mtu}`),
        ]
      : []),
    ...(ipv6
      ? [
          "--enable-ra",
          `--ra-param=${tap},mtu:${mtu},high,60,1800`,
          `--dhcp-range=${ipv6.network},static,${ipv6.prefix},infinite`,
          `--dhcp-option=tag:${tap},${["option6:dns-server", ...serversOf(resolver, 6).map((server) => `[${server}]`)].join(",")}`,
          ...(searches ? [`--dhcp-option=tag:${tap},option6:domain-search,${searches}`] : []),
        ]
      : []),
  ];
}

/**
 * A host name as dnsmasq takes it for one. Without the last dot, of which it tells nobody, `ignore`, `infinite`, and what looks
 * like a number or a time would be words of its own; as an option, `45s` would be a number of two bytes.
 */
export function asName(hostname: string): string {
  return `${hostname}.`;
}

/** An option that IPv4 guests are told whether they ask for it or not, as udhcpd does. */
export function toldAnyway(tag: string, option: string): string {
  return `--dhcp-option-force=tag:${tag},${option}`;
}

/** What IPv4 guests are told of the pod's resolver. */
export function resolverOptions(tag: string, resolver: Resolver): string[] {
  const searches = resolver.searches.join(",");
  return [
    // An option without a value is not sent: by default dnsmasq would name itself.
    `--dhcp-option=tag:${tag},${["option:dns-server", ...serversOf(resolver, 4)].join(",")}`,
    ...(searches ? [toldAnyway(tag, `option:domain-search,${searches}`)] : []),
    ...(resolver.searches[0] ? [toldAnyway(tag, `option:domain-name,${resolver.searches[0]}`)] : []),
  ];
}

/** The servers of a resolver that are reached by a family of addresses. */
export function serversOf({ servers }: Resolver, family: 4 | 6): string[] {
  return servers.filter((server) => server.includes(":") === (family === 6));
}

/** An IPv4 network's mask in dots. */
export function netmask(prefix: number): string {
  const bits = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}
