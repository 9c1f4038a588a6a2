import type { Card } from "./card.ts";
import { netmask, serversOf } from "./dhcp.ts";
import type { PodNetwork } from "./pod-network.ts";
import type { Subnet } from "./subnet.ts";

/** Seconds that mean for ever (RFC 2131, 3.3). */
const infinite = 0xffffffff;

/**
 * The configuration of a udhcpd, which takes a fifth of dnsmasq's memory, that tells a guest what dnsmasq would. It has
 * no IPv6.
 */
export function udhcpdConfig(
  { tap, mac }: Card,
  { guest, gateway, prefix }: Subnet,
  { mtu, resolver }: PodNetwork,
  hostname: string,
): string {
  const servers = serversOf(resolver, 4);
  const { searches } = resolver;
  return [
    `interface ${tap}`,
    // It answers others than the guest's card only if there is an address left to give.
    `start ${guest}`,
    `end ${guest}`,
    `static_lease ${mac} ${guest}`,
    // Whatever the guest asks for.
    `min_lease ${infinite}`,
    `option lease ${infinite}`,
    // It forgets with its machine what it has given away.
    "lease_file /dev/null",
    "pidfile /dev/null",
    `option subnet ${netmask(prefix)}`,
    `option router ${gateway}`,
    `option mtu ${mtu}`,
    `option hostname ${hostname}`,
    ...(servers.length > 0 ? [`option dns ${servers.join(" ")}`] : []),
    ...(searches.length > 0 ? [`option domain ${searches[0]}`, `option search ${searches.join(" ")}`] : []),
    "",
  ].join("\n");
}
