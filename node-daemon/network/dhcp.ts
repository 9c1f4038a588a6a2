import type { Card, Masquerade } from "./card.ts";
import type { Resolver } from "./pod-network.ts";
import type { Subnet } from "./subnet.ts";

/** The arguments of dnsmasq for one card. */
export type Serving = readonly string[];

/** The arguments of the one dnsmasq that serves all of a guest's cards; undefined when no card needs it. */
export function dhcpArguments(servings: readonly Serving[]): string[] | undefined {
  if (servings.length === 0) return undefined;
  return [
    "--conf-file=/dev/null",
    "--no-hosts",
    "--no-resolv",
    "--pid-file=",
    "--log-facility=/dev/null",
    // This turns DNS off.
    "--port=0",
    "--except-interface=lo",
    "--bind-interfaces",
    "--user=nobody",
    "--group=nogroup",
    // dnsmasq has only one address to give, and its leases end with the machine.
    "--leasefile-ro",
    "--dhcp-authoritative",
    "--no-ping",
    ...servings.flat(),
  ];
}

/** The DHCP arguments for a masqueraded guest: its address, and the facts of the pod's network. */
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
          forcedOption(tap, `option:mtu,${mtu}`),
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
 * A host name that dnsmasq accepts as a name. Without the final dot, which dnsmasq does not send, dnsmasq would read
 * `ignore`, `infinite`, numbers and times as keywords; as an option, `45s` would be a two-byte number.
 */
export function asName(hostname: string): string {
  return `${hostname}.`;
}

/** An option that IPv4 guests get even without asking, as from udhcpd. */
export function forcedOption(tag: string, option: string): string {
  return `--dhcp-option-force=tag:${tag},${option}`;
}

/** The DHCP options of the pod's resolver for IPv4 guests. */
export function resolverOptions(tag: string, resolver: Resolver): string[] {
  const searches = resolver.searches.join(",");
  return [
    // dnsmasq does not send an option without a value. Without this argument it would send its own address.
    `--dhcp-option=tag:${tag},${["option:dns-server", ...serversOf(resolver, 4)].join(",")}`,
    ...(searches ? [forcedOption(tag, `option:domain-search,${searches}`)] : []),
    ...(resolver.searches[0] ? [forcedOption(tag, `option:domain-name,${resolver.searches[0]}`)] : []),
  ];
}

/** The servers of a resolver that have an address of a family. */
export function serversOf({ servers }: Resolver, family: 4 | 6): string[] {
  return servers.filter((server) => server.includes(":") === (family === 6));
}

/** The netmask of an IPv4 prefix length, such as `255.255.255.0`. */
export function netmask(prefix: number): string {
  const bits = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}
