import { isIP } from "node:net";
import { guestBounds } from "../../api/contract/guest-bounds.ts";
import { podDevice } from "../../api/contract/pod-devices.ts";
import type { InstanceInterface } from "../../api/schema/instance-status.ts";
import type { GuestInterface } from "../drivers/hypervisor.ts";
import type { Card } from "../network/card.ts";
import { clipped } from "./clipped.ts";

/**
 * The network cards with the guest agent's facts about them, then the guest's other interfaces, such as its own
 * bridges. The first is the one on the pod network, with the pod's addresses, at which the guest is reachable. The end
 * of the list is cut to the length that a status may have.
 */
export function interfaceStatuses(
  cards: readonly Card[],
  addresses: readonly string[],
  guest: readonly GuestInterface[] | undefined,
): InstanceInterface[] {
  const rest = new Set(guest?.filter(({ mac }) => mac !== undefined && mac !== "00:00:00:00:00:00"));
  const isOfPod = ({ device }: Card): boolean => device === podDevice;
  const ordered = [...cards.filter(isOfPod), ...cards.filter((card) => !isOfPod(card))];
  const own = ordered.map((card) => {
    const seen = [...rest].find(({ mac }) => mac === card.mac);
    if (seen) rest.delete(seen);
    return {
      name: card.name,
      ...addressesOf(isOfPod(card) ? addresses : (seen?.addresses ?? [])),
      mac: card.mac,
      ...(seen ? { interfaceName: clipped(seen.name) } : {}),
      podInterfaceName: card.device,
      infoSource: ["domain", ...(seen ? ["guest-agent"] : []), ...(isOfPod(card) ? [] : ["multus-status"])].join(", "),
      queueCount: card.queues,
      linkState: card.down ? "down" : "up",
    };
  });
  const others = [...rest].map(({ name, mac, addresses: found }) => ({
    interfaceName: clipped(name),
    ...(mac === undefined ? {} : { mac: clipped(mac, guestBounds.address) }),
    ...addressesOf(found),
    infoSource: "guest-agent",
  }));
  return [...own, ...others].slice(0, guestBounds.interfaces);
}

function addressesOf(addresses: readonly string[]): Pick<InstanceInterface, "ipAddress" | "ipAddresses"> {
  const ipAddresses = addresses
    .filter((address) => isIP(address) !== 0 && address.length <= guestBounds.address)
    .slice(0, guestBounds.addresses);
  const [ipAddress] = ipAddresses;
  return ipAddress === undefined ? {} : { ipAddress, ipAddresses };
}
