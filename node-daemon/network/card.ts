import { createHash } from "node:crypto";
import { isPodNetwork, podDeviceOf } from "../../api/contract/pod-devices.ts";
import { vcpusOf } from "../../api/guest-size.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Network, NetworkInterface } from "../../api/schema/network.ts";
import { identityOf } from "../instance/identity.ts";
import type { PodLink } from "./pod-link.ts";

/** A network card of a guest, and its tap device. */
export interface Card {
  /** The network's name in the spec. */
  readonly name: string;
  readonly tap: string;
  readonly mac: string;
  readonly model: NonNullable<NetworkInterface["model"]>;
  readonly queues: number;
  /** Whether its link is down. */
  readonly down: boolean;
  readonly bootOrder: number | undefined;
  /** The pod's device that the card is attached to. */
  readonly device: string;
  /** The MTU of a network other than the pod network, if known. */
  readonly mtu: number | undefined;
  readonly attachment: Attachment;
}

/** How a card is attached to the pod's device. */
export type Attachment = Masquerade | Bridge;

/** The guest has its own address behind the pod's. */
export interface Masquerade {
  readonly binding: "masquerade";
  /** The ports that lead to the guest; all ports when empty. */
  readonly ports: NonNullable<NetworkInterface["ports"]>;
  readonly cidr: string;
  readonly cidr6: string;
}

/** The guest replaces the pod: it gets the pod's addresses, and the device's MAC unless the card has its own. */
export interface Bridge {
  readonly binding: "bridge";
  /** The bridge's name in the pod. */
  readonly bridge: string;
  /** The MAC address that the pod's device gets instead of its own. */
  readonly podMac: string;
}

/** The guest's networks by default; the same as KubeVirt's. */
const defaults = { cidr: "10.0.2.0/24", cidr6: "fd10:0:2::/120" } as const;

/**
 * The network cards of an instance, given the pod's devices that guests are bridged to, if known. Throws, naming the
 * field, for a card that this daemon cannot attach.
 */
export function cardsOf(instance: VirtualMachineInstance, links: readonly PodLink[] = []): Card[] {
  const { devices = {}, cpu, firmware } = instance.spec.domain;
  const identity = identityOf(instance);
  return (devices.interfaces ?? []).map((given, index) => {
    const { name, model = "virtio", macAddress, state, bootOrder } = given;
    const network = instance.spec.networks?.find((one) => one.name === name);
    if (!network) throw new Error(`spec.networks: there is no network "${name}"`);
    const device = podDeviceOf(network);
    const tap = `${tapPrefix(identity.uid)}${index}`;
    const uuid = firmware?.uuid ?? identity.uid;
    const link = given.bridge && links.find((one) => one.device === device);
    return {
      name,
      tap,
      mac: macAddress?.replaceAll("-", ":").toLowerCase() ?? link?.mac ?? madeUpMac(uuid, name),
      model,
      queues: devices.networkInterfaceMultiqueue && model === "virtio" ? vcpusOf(cpu) : 1,
      down: state === "down",
      bootOrder,
      device,
      mtu: link?.mtu,
      attachment: given.bridge
        ? { binding: "bridge", bridge: tap.replace(/^vm/, "br"), podMac: madeUpMac(uuid, `${name}/pod`) }
        : masqueradeOf(given, network, index),
    };
  });
}

/** The pod's devices that guests are bridged to. */
export function bridgedDevices(cards: readonly Card[]): string[] {
  return cards.flatMap(({ attachment, device }) => (attachment.binding === "bridge" ? [device] : []));
}

/** Whether the guest needs DHCP: for masqueraded cards, and for bridged ones whose pod device has an address. */
export function needsDhcp(cards: readonly Card[], links: readonly PodLink[] = []): boolean {
  const addressed = new Set(links.filter(({ addresses }) => addresses.length > 0).map(({ device }) => device));
  return cards.some(({ attachment, device }) => attachment.binding === "masquerade" || addressed.has(device));
}

function masqueradeOf(given: NetworkInterface, network: Network, index: number): Masquerade {
  if (!isPodNetwork(network) || !given.masquerade) {
    throw new Error(`spec.domain.devices.interfaces[${index}]: how it is bound is not supported on this node`);
  }
  const { vmNetworkCIDR = defaults.cidr, vmIPv6NetworkCIDR = defaults.cidr6 } = network.pod ?? {};
  return { binding: "masquerade", ports: given.ports ?? [], cidr: vmNetworkCIDR, cidr6: vmIPv6NetworkCIDR };
}

/** The start of an instance's tap device names. A name has at most 15 characters, so two are left for a number. */
export function tapPrefix(uid: string): string {
  return `vm${digest(uid).slice(0, 10)}-`;
}

/** A stable MAC: the same for the same card of the same machine at each start. The 02 means locally administered. */
function madeUpMac(uuid: string, name: string): string {
  const bytes = digest(`${uuid.toLowerCase()}/${name}`).slice(0, 10).match(/../g) ?? [];
  return ["02", ...bytes].join(":");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
