import type { z } from "zod";
import { boolean, choice, integer, list, object, opaque, pattern, text } from "./field.ts";
import { atMostOne, exactlyOne } from "./rule.ts";

/** A network's name is never part of an object's name, so it allows more characters than a DNS label. */
const networkName = (description: string) => pattern(/^[A-Za-z0-9_-]+$/, 63, description);

export const network = object(
  {
    name: networkName("What interfaces call it."),
    pod: object(
      {
        vmNetworkCIDR: pattern(
          /^[0-9]{1,3}(\.[0-9]{1,3}){3}\/[0-9]{1,2}$/,
          18,
          "The IPv4 network that the guest is in behind the pod's address; 10.0.2.0/24 when absent.",
        ).optional(),
        vmIPv6NetworkCIDR: pattern(
          /^[0-9a-fA-F:.]+\/[0-9]{1,3}$/,
          49,
          "The IPv6 network that the guest is in behind the pod's address; fd10:0:2::/120 when absent.",
        ).optional(),
      },
      "The pods' network of the cluster.",
    ).optional(),
    multus: object(
      {
        networkName: pattern(
          /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
          317,
          "The NetworkAttachmentDefinition, as NAME or NAMESPACE/NAME.",
        ),
        default: boolean("Whether it takes the place of the pods' network.").optional(),
      },
      "A network that Multus attaches.",
    ).optional(),
    resourceClaim: opaque.object("A network that a ResourceClaim brings.").optional(),
  },
  "A network to attach to.",
  { constraints: [exactlyOne(["pod", "multus", "resourceClaim"])] },
);
export type Network = z.infer<typeof network>;

const port = object(
  {
    name: text("A name for it.", 63).optional(),
    protocol: choice(["TCP", "UDP"], "TCP when absent.").optional(),
    port: integer("The port's number.", { min: 1, max: 65_535 }),
  },
  "A port of the guest.",
);

const bindings = {
  masquerade: object({}, "The guest has an address of its own behind the pod's.").optional(),
  bridge: object({}, "The guest takes the pod's address over, and its hardware address.").optional(),
  sriov: opaque.object("A virtual function of a network card is passed through.").optional(),
  slirp: opaque.object("Withdrawn by KubeVirt.").optional(),
  macvtap: opaque.object("Withdrawn by KubeVirt.").optional(),
  passt: opaque.object("Withdrawn by KubeVirt.").optional(),
  passtBinding: opaque.object("The pod's sockets stand for the guest's.").optional(),
  binding: opaque.object("A plug-in attaches it.").optional(),
};

/** The possible bindings of an interface to its network. */
export const interfaceBindings = Object.keys(bindings);

export const networkInterface = object(
  {
    name: networkName("The network that it attaches to."),
    ...bindings,
    model: choice(
      ["virtio", "e1000", "e1000e", "igb", "ne2k_pci", "pcnet", "rtl8139"],
      "The network card that the guest sees; virtio when absent.",
    ).optional(),
    macAddress: pattern(
      /^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/,
      17,
      "The card's hardware address; when absent that of the pod with bridge, else one that is made up.",
    ).optional(),
    ports: list(port, "The ports that reach the guest; all when there is none.", 256).optional(),
    portRanges: opaque.list("Ranges of ports that reach the guest.").optional(),
    bootOrder: integer("The place in the firmware's boot order, from 1; unique among disks and interfaces.", {
      min: 1,
      max: 1024,
    }).optional(),
    pciAddress: opaque.text("The guest's PCI address of it.").optional(),
    dhcpOptions: opaque.object("What DHCP tells the guest besides its address.").optional(),
    tag: opaque.text("A word that the guest finds beside the device.").optional(),
    acpiIndex: opaque.integer("The number that the guest can name it by.").optional(),
    state: choice(["up", "down", "absent"], "Whether the card's cable is in.").optional(),
  },
  "A network card of the guest.",
  { constraints: [atMostOne(...interfaceBindings)] },
);
export type NetworkInterface = z.infer<typeof networkInterface>;
