import type { Card } from "./card.ts";
import type { PodNetwork } from "./pod-network.ts";
import type { Subnet } from "./subnet.ts";

/** The arguments of a dnsmasq that gives a guest its address, and what it needs to know of the pod's network. */
export function dhcpArguments(
  { tap, mac }: Card,
  subnets: readonly Subnet[],
  { mtu, resolver }: PodNetwork,
  hostname: string,
): string[] {
  const ipv4 = subnets.find(({ family }) => family === 4);
  const ipv6 = subnets.find(({ family }) => family === 6);
  const servers = (family: 4 | 6): string[] =>
    resolver.servers.filter((server) => server.includes(":") === (family === 6));
  const searches = resolver.searches.join(",");
  const addresses = [ipv4?.guest, ipv6 && `[${ipv6.guest}]`].filter(Boolean).join(",");
  return [
    "--conf-file=/dev/null",
    "--no-hosts",
    "--no-resolv",
    "--pid-file=",
    "--log-facility=/dev/null",
    // No DNS.
    "--port=0",
    `--interface=${tap}`,
    "--except-interface=lo",
    "--bind-interfaces",
    "--user=nobody",
    "--group=nogroup",
    // It is asked for one address, and forgets with its machine that it has given it away.
    "--leasefile-ro",
    "--dhcp-authoritative",
    "--no-ping",
    `--dhcp-host=${mac},${addresses},${hostname},infinite`,
    ...(ipv4
      ? [
          `--dhcp-range=${ipv4.network},static,${netmask(ipv4.prefix)},infinite`,
          `--dhcp-option=option:router,${ipv4.gateway}`,
          // An option without a value is not sent: by default dnsmasq would name itself.
          `--dhcp-option=${["option:dns-server", ...servers(4)].join(",")}`,
          `--dhcp-option=option:mtu,${mtu}`,
          ...(searches ? [`--dhcp-option=option:domain-search,${searches}`] : []),
          ...(resolver.searches[0] ? [`--dhcp-option=option:domain-name,${resolver.searches[0]}`] : []),
        ]
      : []),
    ...(ipv6
      ? [
          "--enable-ra",
          `--ra-param=${tap},mtu:${mtu},high,60,1800`,
          `--dhcp-range=${ipv6.network},static,${ipv6.prefix},infinite`,
          `--dhcp-option=${["option6:dns-server", ...servers(6).map((server) => `[${server}]`)].join(",")}`,
          ...(searches ? [`--dhcp-option=option6:domain-search,${searches}`] : []),
        ]
      : []),
  ];
}

/** A prefix such as 24 as a mask. */
export function netmask(prefix: number): string {
  const bits = (0xffffffff << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}
