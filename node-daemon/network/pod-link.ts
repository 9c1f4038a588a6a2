/** A pod's device as the pod's network made it. A guest that is bridged to it takes over its addresses and routes. */
export interface PodLink {
  readonly device: string;
  /** In lower case with colons. */
  readonly mac: string;
  readonly mtu: number;
  /** IPv4 addresses with their prefix length, such as `10.244.1.5/24`. */
  readonly addresses: readonly string[];
  readonly routes: readonly Route[];
}

/** A route to an IPv4 network, such as `0.0.0.0/0`. Without a gateway, the network is on the link itself. */
export interface Route {
  readonly to: string;
  readonly gateway?: string;
}

/** A device in the JSON output of ip(8). */
interface TellsAddress {
  readonly ifname: string;
  readonly address?: string;
  readonly mtu: number;
  readonly addr_info: readonly { family: string; local: string; prefixlen: number; scope: string }[];
}

/** A route in the JSON output of ip(8). */
interface TellsRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
}

/** Parses the output of `ip -json address` and `ip -json -4 route` for the devices with these names. */
export function parseLinks(addresses: string, routes: string, names: readonly string[]): PodLink[] {
  const devices: TellsAddress[] = JSON.parse(addresses);
  // Without routes, ip prints nothing.
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
