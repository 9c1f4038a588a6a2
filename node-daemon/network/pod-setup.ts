import type { Card } from "./card.ts";
import { dhcpArguments } from "./dhcp.ts";
import type { PodNetwork } from "./pod-network.ts";
import { masqueradeRules } from "./rules.ts";
import { isIn, type Subnet, subnetOf } from "./subnet.ts";
import { udhcpdConfig } from "./udhcpd.ts";

/** What is to be done in a pod's network namespace for its guest. */
export interface PodSetup {
  /** Commands of ip(8), each of which may be given again. */
  readonly links: readonly string[];
  /** Values by their path below `/proc/sys/net`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Rules for nft(8), which take the place of ours that are there. */
  readonly rules: string;
  /** The arguments of the one dnsmasq; undefined when no card needs it. */
  readonly dhcp: readonly string[] | undefined;
  /** The configuration of the udhcpd that is enough in dnsmasq's place, if it is. */
  readonly udhcpd: string | undefined;
}

/** The setup by which cards are on the pod's network. Pure. Throws, naming the field, for what cannot be. */
export function podSetup(cards: readonly Card[], pod: PodNetwork, hostname: string): PodSetup {
  const links: string[] = [];
  const settings: Record<string, string> = {};
  let rules = "";
  let dhcp: string[] | undefined;
  let udhcpd: string | undefined;
  for (const card of cards) {
    const { tap } = card;
    const subnets = subnetsOf(card, pod);
    links.push(`link set dev ${tap} mtu ${pod.mtu}`);
    for (const { gateway, prefix, family } of subnets) {
      // Nobody else is there who could have the address.
      links.push(`address replace ${gateway}/${prefix} dev ${tap}${family === 6 ? " nodad" : ""}`);
    }
    links.push(`link set dev ${tap} up`);
    if (subnets.some(({ family }) => family === 4)) {
      settings["ipv4/ip_forward"] = "1";
      settings[`ipv4/conf/${tap}/route_localnet`] = "1";
    }
    if (subnets.some(({ family }) => family === 6)) settings["ipv6/conf/all/forwarding"] = "1";
    rules += subnets.map((subnet) => masqueradeRules(card, subnet)).join("");
    const [ipv4] = subnets;
    if (subnets.length === 1 && ipv4?.family === 4) udhcpd = udhcpdConfig(card, ipv4, pod, hostname);
    else dhcp = dhcpArguments(card, subnets, pod, hostname);
  }
  return { links, settings, rules, dhcp, udhcpd };
}

/** The private networks of a card, one for each family of which the pod has an address. */
function subnetsOf({ name, attachment }: Card, { addresses }: PodNetwork): Subnet[] {
  const families = ([4, 6] as const).filter((family) =>
    addresses.some((address) => address.includes(":") === (family === 6)),
  );
  return families.map((family) => {
    const [field, cidr] = family === 4 ? ["vmNetworkCIDR", attachment.cidr] : ["vmIPv6NetworkCIDR", attachment.cidr6];
    const where = `spec.networks: network "${name}": pod.${field}`;
    const subnet = subnetOf(cidr, family, where);
    const taken = addresses.find((address) => isIn(subnet, address));
    if (taken) throw new Error(`${where}: ${cidr} holds the pod's own address ${taken}`);
    return subnet;
  });
}
