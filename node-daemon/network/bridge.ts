import { BlockList } from "node:net";
import { podDevice } from "../../api/contract/pod-devices.ts";
import type { Bridge, Card } from "./card.ts";
import { asName, forcedOption, netmask, resolverOptions, type Serving } from "./dhcp.ts";
import type { PodLink, Route } from "./pod-link.ts";
import type { Resolver } from "./pod-network.ts";

type BridgedCard = Card & { readonly attachment: Bridge };

/** The DHCP server's address, the same on every bridge. The bridges are separate networks. */
const serverAddress = "169.254.75.10";

/** Commands of ip(8) that put a card in the place of the pod on one of its networks. */
export function bridgeLinks({ tap, device, attachment }: BridgedCard, { mtu, addresses }: PodLink): string[] {
  const { bridge, podMac } = attachment;
  return [
    // The guest gets the pod's addresses, so the pod's device must lose them.
    `address flush dev ${device}`,
    `link set dev ${device} address ${podMac} master ${bridge}`,
    `link set dev ${tap} mtu ${mtu} master ${bridge}`,
    ...(addresses.length > 0 ? [`address replace ${serverAddress}/32 dev ${bridge}`] : []),
    `link set dev ${bridge} up`,
    `link set dev ${device} up`,
    `link set dev ${tap} up`,
  ];
}

/** The DHCP arguments for a bridged guest, with the pod's address and routes; undefined when the pod had no address. */
export function bridgeServing(
  { tap, mac, device, attachment: { bridge } }: BridgedCard,
  { addresses, routes, mtu }: PodLink,
  resolver: Resolver,
  hostname: string,
): Serving | undefined {
  const [address = "", length = "32"] = addresses[0]?.split("/") ?? [];
  if (address === "") return undefined;
  // When a gateway leads to the neighbours, the guest must not look for them on its link.
  const isOwn = ({ to, gateway }: Route): boolean => gateway === undefined && isNetworkOf(to, address, length);
  const prefix = routes.some(isOwn) ? Number(length) : 32;
  // Routes on the link come first, because some clients add the routes one by one.
  const ways = routes.filter((route) => !isOwn(route)).toSorted((a, b) => Number(!!a.gateway) - Number(!!b.gateway));
  const gateway = ways.find(({ to }) => to === "0.0.0.0/0")?.gateway;
  const pairs = ways.map((way) => `${way.to},${way.gateway ?? "0.0.0.0"}`).join(",");
  const option = (text: string): string => `--dhcp-option=tag:${tap},${text}`;
  return [
    `--interface=${bridge}`,
    // Other hosts on this link have their own DHCP server, which knows their addresses.
    `--dhcp-ignore=tag:${bridge},tag:!known`,
    // The responder's own address is in another network.
    `--shared-network=${bridge},${address}`,
    `--dhcp-range=${address},static,${netmask(prefix)},infinite`,
    `--dhcp-host=${mac},set:${tap},${address},${asName(hostname)},infinite`,
    // The responder has no route to the guest's address, so it broadcasts.
    `--dhcp-broadcast=tag:${tap}`,
    option(gateway === undefined ? "option:router" : `option:router,${gateway}`),
    // Clients that know the second option ignore the first (RFC 3442).
    ...(pairs === "" ? [] : [option(`option:classless-static-route,${pairs}`)]),
    forcedOption(tap, `option:mtu,${mtu}`),
    ...(device === podDevice ? resolverOptions(tap, resolver) : [option("option:dns-server")]),
  ];
}

/** Whether a CIDR is the network of an address with this prefix length. */
function isNetworkOf(cidr: string, address: string, length: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  if (prefix !== length || length === "32") return false;
  const own = new BlockList();
  own.addSubnet(network, Number(length));
  return own.check(address);
}
