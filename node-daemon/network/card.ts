import { createHash } from "node:crypto";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { NetworkInterface } from "../../api/schema/network.ts";
import { identityOf } from "../instance.ts";

/** A network card of a guest, and the tap device that it is the other end of. */
export interface Card {
  /** The network's name in the spec. */
  readonly name: string;
  readonly tap: string;
  readonly mac: string;
  readonly model: NonNullable<NetworkInterface["model"]>;
  readonly queues: number;
  /** Whether its cable is out. */
  readonly down: boolean;
  readonly bootOrder: number | undefined;
  readonly attachment: Attachment;
}

/** How a card is attached to the pod's network. */
export interface Attachment {
  /** `masquerade`: the guest has an address of its own behind the pod's. */
  readonly binding: "masquerade";
  /** What reaches the guest; everything when there is none. */
  readonly ports: NonNullable<NetworkInterface["ports"]>;
  readonly cidr: string;
  readonly cidr6: string;
}

/** The networks in which a guest is when its spec names none; KubeVirt's. */
const defaults = { cidr: "10.0.2.0/24", cidr6: "fd10:0:2::/120" } as const;

/** The network cards of an instance. Throws, naming the field, for what this daemon cannot attach. */
export function cardsOf(instance: VirtualMachineInstance): Card[] {
  const { devices = {}, cpu, firmware } = instance.spec.domain;
  const identity = identityOf(instance);
  const { cores = 1, sockets = 1, threads = 1 } = cpu ?? {};
  return (devices.interfaces ?? []).map((given, index) => {
    const { name, model = "virtio", macAddress, state, bootOrder } = given;
    return {
      name,
      tap: `${tapPrefix(identity.uid)}${index}`,
      mac: macAddress?.replaceAll("-", ":").toLowerCase() ?? madeUpMac(firmware?.uuid ?? identity.uid, name),
      model,
      queues: devices.networkInterfaceMultiqueue && model === "virtio" ? cores * sockets * threads : 1,
      down: state === "down",
      bootOrder,
      attachment: attachmentOf(instance, given, index),
    };
  });
}

function attachmentOf(instance: VirtualMachineInstance, given: NetworkInterface, index: number): Attachment {
  const network = instance.spec.networks?.find(({ name }) => name === given.name);
  if (!network?.pod) throw new Error(`spec.networks: network "${given.name}": not supported on this node`);
  if (!given.masquerade) {
    throw new Error(`spec.domain.devices.interfaces[${index}]: how it is bound is not supported on this node`);
  }
  const { vmNetworkCIDR = defaults.cidr, vmIPv6NetworkCIDR = defaults.cidr6 } = network.pod;
  return { binding: "masquerade", ports: given.ports ?? [], cidr: vmNetworkCIDR, cidr6: vmIPv6NetworkCIDR };
}

/** What the names of an instance's tap devices begin with. A name has no more than 15 characters: two are left for a number. */
export function tapPrefix(uid: string): string {
  return `vm${digest(uid).slice(0, 10)}-`;
}

/** The same card of the same machine has the same address whenever it is started. Locally administered, as 02 says. */
function madeUpMac(uuid: string, name: string): string {
  const bytes = digest(`${uuid.toLowerCase()}/${name}`).slice(0, 10).match(/../g) ?? [];
  return ["02", ...bytes].join(":");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
