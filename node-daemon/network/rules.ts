import { podDevice } from "../../api/contract/pod-devices.ts";
import type { Masquerade } from "./card.ts";
import type { Subnet } from "./subnet.ts";

/** The name of our table in the pod's network namespace. */
const table = "guest";

/**
 * The packet filter's rules, for nft(8), by which a guest stands behind its pod's addresses: what comes for the pod goes
 * to the guest, and what the guest sends leaves as the pod's. What the guest sends to `own`, the pod's addresses, comes back
 * to it. They replace those that are there, all at once.
 */
export function masqueradeRules(tap: string, attachment: Masquerade, subnet: Subnet, own: readonly string[]): string {
  const [family, loopback] = subnet.family === 4 ? ["ip", "127.0.0.1"] : ["ip6", "::1"];
  const destinations = matches(attachment.ports).map((match) => `${match}dnat to ${subnet.guest}`);
  const chains = [
    chain("prerouting", "nat hook prerouting priority dstnat", [
      ...prefixed(`iifname "${podDevice}"`, destinations),
      ...own.flatMap((address) => prefixed(`iifname "${tap}" ${family} daddr ${address}`, destinations)),
    ]),
    // For whoever forwards a port from within the pod, as the kubelet does for `kubectl port-forward`.
    subnet.family === 4 &&
      chain("output", "nat hook output priority -100", prefixed(`ip daddr ${loopback}`, destinations)),
    chain("postrouting", "nat hook postrouting priority srcnat", [
      `oifname "${podDevice}" masquerade`,
      subnet.family === 4 && `oifname "${tap}" ip saddr ${loopback} snat to ${subnet.gateway}`,
      // The guest would answer itself, past those who translate its addresses.
      `oifname "${tap}" ${family} saddr ${subnet.guest} snat to ${subnet.gateway}`,
    ]),
    chain("forward", "filter hook forward priority filter", [
      // A segment that the connection tracker does not know would leave with the guest's own address, and be reset.
      "ct state invalid drop",
      // Guests that do not take the pod's MTU over.
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

/** What of the ports is let through, as the beginnings of rules. */
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
