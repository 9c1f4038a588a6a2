import { BlockList, isIP } from "node:net";

/** The private network between a pod and its guest. It uses two addresses. */
export interface Subnet {
  readonly family: 4 | 6;
  readonly network: string;
  readonly prefix: number;
  /** The pod's end. */
  readonly gateway: string;
  readonly guest: string;
}

const bits = { 4: 32, 6: 128 } as const;

/** Parses a CIDR such as `10.0.2.0/24`. Throws when it is not of the family, or has no room for two addresses. */
export function subnetOf(cidr: string, family: 4 | 6, field: string): Subnet {
  const [address = "", length = ""] = cidr.split("/");
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : -1;
  // Room for the network's own address and the two used; IPv4 also needs a broadcast address.
  const longest = family === 4 ? 30 : 126;
  if (isIP(address) !== family || prefix < 1 || prefix > longest) {
    throw new Error(`${field}: "${cidr}" is not an IPv${family} network of at most /${longest}`);
  }
  const hostBits = BigInt(bits[family] - prefix);
  const first = (numberOf(address, family) >> hostBits) << hostBits;
  const [network, gateway, guest] = [0n, 1n, 2n].map((offset) => addressOf(first + offset, family));
  return { family, network: network ?? "", prefix, gateway: gateway ?? "", guest: guest ?? "" };
}

/** Whether an address is in a network. */
export function isIn({ family, network, prefix }: Subnet, address: string): boolean {
  if (isIP(address) !== family) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, `ipv${family}`);
  return list.check(address, `ipv${family}`);
}

function numberOf(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  return groupsOf(address).reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

function addressOf(value: bigint, family: 4 | 6): string {
  const size = family === 4 ? 8n : 16n;
  const count = family === 4 ? 4 : 8;
  const parts = Array.from({ length: count }, (_, index) =>
    Number((value >> (size * BigInt(count - 1 - index))) & ((1n << size) - 1n)),
  );
  if (family === 4) return parts.join(".");
  // The URL parser writes addresses in their canonical form (RFC 5952).
  return new URL(`http://[${parts.map((part) => part.toString(16)).join(":")}]`).hostname.slice(1, -1);
}

/** The eight groups of an IPv6 address, in any notation. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const numbers = (text: string): number[] => (text === "" ? [] : text.split(":").map((group) => Number(`0x${group}`)));
  const before = numbers(head);
  const after = tail === undefined ? [] : numbers(tail);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
