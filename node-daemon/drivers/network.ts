import type { Card } from "../network/card.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { GuestName } from "../network/search-domains.ts";
import type { Container } from "./pods.ts";

/** The traffic of a network card, as the guest sees it. */
export interface CardTraffic {
  /** The network's name. */
  readonly name: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

/** The guests' tap devices. The daemon makes them on the node and moves them into the placeholders' networks. */
export interface Network {
  /** The state of an instance's network; all its tap device names begin with `prefix`. */
  observe(prefix: string, container: Container | undefined): Promise<NetworkObservation>;
  /** The current state of the pod's devices with these names. Throws when one is missing. */
  links(container: Container, devices: readonly string[]): Promise<PodLink[]>;
  /** Makes tap devices on the node. Keeps existing ones, on the node or in the pod. */
  makeTaps(cards: readonly Card[]): Promise<void>;
  /**
   * Moves tap devices into the pod and attaches them to its networks. Keeps existing parts, or replaces them with equal
   * ones. Everything in the pod ends with its container. `links` are the pod's devices before the first attempt,
   * because a bridged guest takes over their addresses.
   */
  attach(cards: readonly Card[], links: readonly PodLink[], container: Container, guest: GuestName): Promise<void>;
  /** Removes tap devices that are still on the node. Does nothing when they are gone. */
  removeTaps(taps: readonly string[]): Promise<void>;
  /** The traffic of cards whose tap devices are in the network of a process. Leaves out other cards. */
  traffic(cards: readonly Card[], process: number): Promise<CardTraffic[]>;
}

/** The state of an instance's network. */
export interface NetworkObservation {
  /** The tap devices on the node, which wait for their pod. */
  readonly onNode: readonly string[];
  /** The tap devices in the pod that are up. */
  readonly inPod: readonly string[];
  /** Whether a DHCP responder runs. If the guest needs one, starting it is the last part of the attachment. */
  readonly dhcp: boolean;
  /**
   * The pod's own addresses in its network, the main one first. Empty while there is no container, and when a guest has
   * taken them over.
   */
  readonly addresses: readonly string[];
}
