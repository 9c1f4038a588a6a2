import type { Card } from "../../../node-daemon/network/card.ts";
import type { PodNetwork } from "../../../node-daemon/network/pod-network.ts";

/** A card on the pod's network; parts can be replaced. */
export function aCard(parts: Partial<Card> = {}): Card {
  return {
    name: "default",
    tap: "vm0123456789-0",
    mac: "02:00:00:00:00:01",
    model: "virtio",
    queues: 1,
    down: false,
    bootOrder: undefined,
    attachment: { binding: "masquerade", ports: [], cidr: "10.0.2.0/24", cidr6: "fd10:0:2::/120" },
    ...parts,
  };
}

/** A pod's network; parts can be replaced. */
export function aPodNetwork(parts: Partial<PodNetwork> = {}): PodNetwork {
  return {
    mtu: 1450,
    addresses: ["10.244.1.5"],
    resolver: { servers: ["10.96.0.10"], searches: ["default.svc.cluster.local", "cluster.local"] },
    ...parts,
  };
}
