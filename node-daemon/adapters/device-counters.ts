import type { Traffic } from "../ports.ts";

/**
 * What `/proc/PID/net/dev` counts (proc(5)) of tap devices, as the guests at their other ends see it: what a device
 * receives is what its guest has sent.
 */
export function parseTraffic(text: string): Map<string, Traffic> {
  const traffic = new Map<string, Traffic>();
  for (const line of text.split("\n")) {
    const [, name, rest = ""] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    const numbers = rest.split(/\s+/).map(Number);
    const [sentBytes, sentPackets] = numbers;
    const [receivedBytes, receivedPackets] = numbers.slice(8);
    if (name === undefined || sentBytes === undefined || receivedBytes === undefined) continue;
    traffic.set(name, {
      sentBytes,
      sentPackets: sentPackets ?? 0,
      receivedBytes,
      receivedPackets: receivedPackets ?? 0,
    });
  }
  return traffic;
}
