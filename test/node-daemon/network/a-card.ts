import type { Card, Masquerade } from "../../../node-daemon/network/card.ts";
import type { PodLink } from "../../../node-daemon/network/pod-link.ts";
import type { PodNetwork } from "../../../node-daemon/network/pod-network.ts";

/** Makes a card on the Pod's network; parts can be replaced. */
export function aCard(parts: Partial<Card> = {}): Card {
  return {
    name: "default",
    tap: "vm0123456789-0",
    mac: "02:00:00:00:00:01",
    model: "virtio",
    queues: 1,
    down: false,
    bootOrder: undefined,
    device: "eth0",
    mtu: undefined,
    attachment: masquerade,
    ...parts,
  };
}

/** The attachment of a guest behind its Pod's address. */
export const masquerade: Masquerade = {
  binding: "masquerade",
  ports: [],
  cidr: "10.0.2.0/24",
  cidr6: "fd10:0:2::/120",
};

/** Makes a Pod's device like a routing CNI plug-in; parts can be replaced. */
export function aPodLink(parts: Partial<PodLink> = {}): PodLink {
  return {
    device: "eth0",
    mac: "0a:58:0a:f4:01:05",
    mtu: 1450,
    addresses: ["10.244.1.5/24"],
    routes: [
      { to: "0.0.0.0/0", gateway: "10.244.1.1" },
      { to: "10.244.1.0/24", gateway: "10.244.1.1" },
      { to: "10.244.1.1/32" },
    ],
    ...parts,
  };
}

/** Makes a Pod's network; parts can be replaced. */
export function aPodNetwork(parts: Partial<PodNetwork> = {}): PodNetwork {
  return {
    mtu: 1450,
    addresses: ["10.244.1.5"],
    resolver: { servers: ["10.96.0.10"], searches: ["default.svc.cluster.local", "cluster.local"] },
    ...parts,
  };
}
