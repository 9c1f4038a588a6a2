import { bridgeLinks, bridgeServing } from "./bridge.ts";
import type { Bridge, Card, Masquerade } from "./card.ts";
import { dhcpArguments, masqueradeServing, type Serving } from "./dhcp.ts";
import type { PodLink } from "./pod-link.ts";
import type { PodNetwork } from "./pod-network.ts";
import { masqueradeRules } from "./rules.ts";
import { type GuestName, withSearchDomains } from "./search-domains.ts";
import { isIn, type Subnet, subnetOf } from "./subnet.ts";
import { udhcpdConfig } from "./udhcpd.ts";

/** The setup of a pod's network namespace for its guest. */
export interface PodSetup {
  /** The bridges to create. */
  readonly bridges: readonly string[];
  /** Commands of ip(8); each can be repeated. */
  readonly links: readonly string[];
  /** Values by their path below `/proc/sys/net`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Rules for nft(8) that replace the daemon's existing ones. */
  readonly rules: string;
  /** The DHCP server for the cards; undefined when no card needs it. */
  readonly responder: Responder | undefined;
}

/** dnsmasq with its arguments, or udhcpd with its configuration if udhcpd can serve the cards. */
export type Responder =
  | { readonly program: "dnsmasq"; readonly arguments: readonly string[] }
  | { readonly program: "udhcpd"; readonly configuration: string };

/** The setup for one card; `alone` is a udhcpd configuration that serves it if it is the only card. */
type CardSetup = Omit<PodSetup, "responder"> & {
  readonly serving: Serving | undefined;
  readonly alone?: string | undefined;
};

/** The setup that puts cards on the pod's networks. Pure. Throws, naming the field, for an impossible setup. */
export function podSetup(
  cards: readonly Card[],
  pod: PodNetwork,
  links: readonly PodLink[],
  name: GuestName,
): PodSetup {
  // Bridged guests get the routes by DHCP too, in an option of up to 9 bytes per route.
  const ways = Math.max(0, ...links.map(({ routes }) => 2 + 9 * routes.length));
  const network = { ...pod, resolver: withSearchDomains(pod.resolver, name, ways) };
  const setups = cards.map((card) => {
    const { attachment } = card;
    return attachment.binding === "bridge"
      ? bridged({ ...card, attachment }, network, links, name.hostname)
      : masqueraded({ ...card, attachment }, network, name.hostname);
  });
  return {
    bridges: setups.flatMap(({ bridges }) => bridges),
    links: setups.flatMap((setup) => setup.links),
    settings: Object.assign({}, ...setups.map(({ settings }) => settings)),
    rules: setups.map(({ rules }) => rules).join(""),
    responder: responderOf(setups),
  };
}

function responderOf(setups: readonly CardSetup[]): Responder | undefined {
  const served = setups.filter(({ serving }) => serving !== undefined);
  const [{ alone } = {}, ...others] = served;
  if (alone !== undefined && others.length === 0) return { program: "udhcpd", configuration: alone };
  const dnsmasq = dhcpArguments(served.flatMap(({ serving = [] }) => [serving]));
  return dnsmasq && { program: "dnsmasq", arguments: dnsmasq };
}

function bridged(
  card: Card & { attachment: Bridge },
  { resolver }: PodNetwork,
  links: readonly PodLink[],
  hostname: string,
): CardSetup {
  const link = links.find(({ device }) => device === card.device);
  if (!link) throw new Error(`spec.networks: network "${card.name}": the pod's device ${card.device} is not known`);
  return {
    bridges: [card.attachment.bridge],
    links: bridgeLinks(card, link),
    settings: {},
    rules: "",
    serving: bridgeServing(card, link, resolver, hostname),
  };
}

function masqueraded(card: Card & { attachment: Masquerade }, pod: PodNetwork, hostname: string): CardSetup {
  const { tap, attachment } = card;
  const subnets = subnetsOf(card, pod);
  const ipv4 = subnets.find(({ family }) => family === 4);
  const has = (wanted: 4 | 6): boolean => subnets.some(({ family }) => family === wanted);
  return {
    bridges: [],
    links: [
      `link set dev ${tap} mtu ${pod.mtu}`,
      // `nodad`: nobody else on this link can have the address.
      ...subnets.map(
        ({ gateway, prefix, family }) =>
          `address replace ${gateway}/${prefix} dev ${tap}${family === 6 ? " nodad" : ""}`,
      ),
      `link set dev ${tap} up`,
    ],
    settings: {
      ...(has(4) ? { "ipv4/ip_forward": "1", [`ipv4/conf/${tap}/route_localnet`]: "1", ...noRedirects(tap) } : {}),
      ...(has(6) ? { "ipv6/conf/all/forwarding": "1" } : {}),
    },
    rules: subnets.map((subnet) => masqueradeRules(tap, attachment, subnet, ownOf(pod, subnet))).join(""),
    serving: masqueradeServing(card, subnets, pod, hostname),
    alone: ipv4 && !has(6) ? udhcpdConfig(card, ipv4, pod, hostname) : undefined,
  };
}

/** Turns redirects off: a guest that reaches itself through the pod's address would then answer itself directly. */
function noRedirects(tap: string): Record<string, string> {
  return { "ipv4/conf/all/send_redirects": "0", [`ipv4/conf/${tap}/send_redirects`]: "0" };
}

/** The pod's addresses of a private network's family. */
function ownOf({ addresses }: PodNetwork, { family }: Subnet): string[] {
  return addresses.filter((address) => address.includes(":") === (family === 6));
}

/** The private networks of a card, one for each address family of the pod. */
function subnetsOf({ name, attachment }: Card & { attachment: Masquerade }, { addresses }: PodNetwork): Subnet[] {
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
