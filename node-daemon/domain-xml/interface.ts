import type { Card } from "../network/card.ts";
import { type Element, element } from "./element.ts";

/**
 * The `<interface>` of a network card. Its tap device is ours: libvirt opens it and does no more with it, so it can be
 * moved into the pod's network when that is there.
 */
export function interfaceElement(card: Card, mtu: number | undefined, virtioModel: string | undefined): Element {
  const { name, tap, mac, model, queues, down, bootOrder } = card;
  const virtio = model === "virtio";
  return element(
    "interface",
    { type: "ethernet" },
    element("mac", { address: mac }),
    element("target", { dev: tap, managed: "no" }),
    element("model", { type: virtio ? (virtioModel ?? model) : model }),
    queues > 1 && element("driver", { queues }),
    // Other cards cannot tell their guests.
    virtio && mtu !== undefined && element("mtu", { size: mtu }),
    down && element("link", { state: "down" }),
    // A disk may have the same name.
    element("alias", { name: `ua-net-${name}` }),
    // Firmware that is to start from the network needs the card's own; to others it is a second of waiting.
    bootOrder === undefined ? element("rom", { enabled: "no" }) : element("boot", { order: bootOrder }),
  );
}
