import { podDevice } from "../../api/contract/pod-devices.ts";
import type { Masquerade } from "./card.ts";
import type { Subnet } from "./subnet.ts";

/** The name of the daemon's table in the pod's network namespace. */
const table = "guest";

/**
 * The nft(8) rules that put a guest behind its pod's addresses. Traffic to the pod goes to the guest, and traffic from
 * the guest leaves as the pod's. Traffic from the guest to `own`, the pod's addresses, returns to the guest. nft
 * replaces the existing rules in one transaction.
 */
export function masqueradeRules(tap: string, attachment: Masquerade, subnet: Subnet, own: readonly string[]): string {
  const [family, loopback] = subnet.family === 4 ? ["ip", "127.0.0.1"] : ["ip6", "::1"];
  const destinations = matches(attachment.ports).map((match) => `${match}dnat to ${subnet.guest}`);
  const chains = [
    chain("prerouting", "nat hook prerouting priority dstnat", [
      ...prefixed(`iifname "${podDevice}"`, destinations),
      ...own.flatMap((address) => prefixed(`iifname "${tap}" ${family} daddr ${address}`, destinations)),
    ]),
    // For programs in the pod that forward a port, like the kubelet for `kubectl port-forward`.
    subnet.family === 4 &&
      chain("output", "nat hook output priority -100", prefixed(`ip daddr ${loopback}`, destinations)),
    chain("postrouting", "nat hook postrouting priority srcnat", [
      `oifname "${podDevice}" masquerade`,
      subnet.family === 4 && `oifname "${tap}" ip saddr ${loopback} snat to ${subnet.gateway}`,
      // Otherwise the guest would answer itself directly, without address translation.
      `oifname "${tap}" ${family} saddr ${subnet.guest} snat to ${subnet.gateway}`,
    ]),
    chain("forward", "filter hook forward priority filter", [
      // A segment unknown to the connection tracker would leave with the guest's own address, and be reset.
      "ct state invalid drop",
      // For guests that do not use the pod's MTU.
      "tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu",
    ]),
  ];
  const name = `${family} ${table}`;
  return [
    `table ${name}`,
    `delete table ${name}`,
    `table ${name} {`,
    ...chains.filter((one) => one !== false),
    "}",
    "",
  ].join("\n");
}

/** The starts of rules that match the open ports. */
function matches(ports: Masquerade["ports"]): string[] {
  if (ports.length === 0) return [""];
  return (["TCP", "UDP"] as const).flatMap((protocol) => {
    const numbers = ports.filter((port) => (port.protocol ?? "TCP") === protocol).map(({ port }) => port);
    const set = [...new Set(numbers)].join(", ");
    return numbers.length > 0 ? [`${protocol.toLowerCase()} dport { ${set} } `] : [];
  });
}

function prefixed(match: string, rules: readonly string[]): string[] {
  return rules.map((rule) => `${match} ${rule}`);
}

function chain(name: string, type: string, rules: readonly (string | false)[]): string {
  const lines = [`type ${type}`, ...rules.filter((rule) => rule !== false)];
  return [`\tchain ${name} {`, ...lines.map((line) => `\t\t${line}`), "\t}"].join("\n");
}
