/** A device of a pod as its network made it: what a guest that is bridged to it takes over. */
export interface PodLink {
  readonly device: string;
  /** In lower case with colons. */
  readonly mac: string;
  readonly mtu: number;
  /** Its IPv4 addresses with the length of their networks' prefix, such as `10.244.1.5/24`. */
  readonly addresses: readonly string[];
  readonly routes: readonly Route[];
}

/** A way to an IPv4 network, such as `0.0.0.0/0`; without a gateway its addresses are on the link itself. */
export interface Route {
  readonly to: string;
  readonly gateway?: string;
}

/** A device as ip(8) tells in JSON. */
interface TellsAddress {
  readonly ifname: string;
  readonly address?: string;
  readonly mtu: number;
  readonly addr_info: readonly { family: string; local: string; prefixlen: number; scope: string }[];
}

/** A route as ip(8) tells in JSON. */
interface TellsRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
}

/** Reads what `ip -json address` and `ip -json -4 route` print, of the devices with one of the names. */
export function parseLinks(addresses: string, routes: string, names: readonly string[]): PodLink[] {
  const devices: TellsAddress[] = JSON.parse(addresses);
  // Of no routes nothing is said.
  const table: TellsRoute[] = JSON.parse(routes || "[]");
  return devices
    .filter(({ ifname }) => names.includes(ifname))
    .map(({ ifname, address = "", mtu, addr_info: known }) => ({
      device: ifname,
      mac: address.toLowerCase(),
      mtu,
      addresses: known
        .filter(({ family, scope }) => family === "inet" && scope === "global")
        .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      routes: table
        .filter(({ dev }) => dev === ifname)
        .map(({ dst, gateway }) => ({ to: destination(dst), ...(gateway === undefined ? {} : { gateway }) })),
    }));
}

function destination(dst: string): string {
  if (dst === "default") return "0.0.0.0/0";
  return dst.includes("/") ? dst : `${dst}/32`;
}
