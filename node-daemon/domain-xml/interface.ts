import type { Card } from "../network/card.ts";
import { type Element, element } from "./element.ts";

/**
 * The `<interface>` of a network card. The daemon makes the tap device. libvirt only opens it, so the daemon can move
 * it into the pod's network once the pod has one.
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
    // Only virtio cards can report the MTU to their guests.
    virtio && mtu !== undefined && element("mtu", { size: mtu }),
    down && element("link", { state: "down" }),
    // The prefix: a disk may have the same name.
    element("alias", { name: `ua-net-${name}` }),
    // Firmware needs the card's own ROM to boot from the network. For other guests the ROM costs a second of waiting.
    bootOrder === undefined ? element("rom", { enabled: "no" }) : element("boot", { order: bootOrder }),
  );
}
