import type { Card } from "../network/card.ts";
import type { GuestName } from "../network/guest-name.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Container } from "./pods.ts";

/** What went through a network card, as the guest sees it. */
export interface CardTraffic {
  /** The network's name. */
  readonly name: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

/** The tap devices of guests, which are made on the node and end up in the placeholders' networks. */
export interface Network {
  /** What is there of an instance, by what its tap devices' names begin with. */
  observe(prefix: string, container: Container | undefined): Promise<NetworkObservation>;
  /** The pod's devices of those names as they are now. Throws when one is missing. */
  links(container: Container, devices: readonly string[]): Promise<PodLink[]>;
  /** Makes tap devices on the node. Those that are there already, on the node or in the pod, stay. */
  makeTaps(cards: readonly Card[]): Promise<void>;
  /**
   * Moves tap devices into the pod and attaches them to its networks. What is there already stays, or is replaced by the
   * same. All that is in the pod ends with its container. `links` are the pod's devices as they were before the first
   * attempt, since a bridged guest takes over what they had.
   */
  attach(cards: readonly Card[], links: readonly PodLink[], container: Container, guest: GuestName): Promise<void>;
  /** Removes tap devices that are still on the node. Nothing happens when they are gone already. */
  removeTaps(taps: readonly string[]): Promise<void>;
  /** What went through cards whose tap devices are in the network of a process; nothing of those that are not. */
  traffic(cards: readonly Card[], process: number): Promise<CardTraffic[]>;
}

/** What is there of an instance's network. */
export interface NetworkObservation {
  /** The tap devices on the node, which wait for their pod. */
  readonly onNode: readonly string[];
  /** Those in the pod that are up. */
  readonly inPod: readonly string[];
  /** Whether somebody gives out the guest's addresses; where that is needed, the last thing of an attachment. */
  readonly dhcp: boolean;
  /**
   * The pod's addresses, as far as they are its network's own; the first is its main one. Empty while there is no
   * container, and where a guest has taken them over.
   */
  readonly addresses: readonly string[];
}
