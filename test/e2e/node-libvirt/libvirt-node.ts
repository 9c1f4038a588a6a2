import type { Node } from "../../../cluster/cluster.ts";
import { addresses } from "../../../cluster/fabric.ts";
import { startRuntimes } from "../../../cluster/node.ts";
import { progress } from "../../../cluster/progress.ts";

/** A libvirtd to test against. */
export interface LibvirtNode {
  name: string;
  /** The path of its socket, as seen from here. */
  socket: string;
  /** The node's root folder, as seen from here. */
  root: string;
  /** The node's address as another node reaches it, where its libvirtd listens to TCP; a migration needs it. */
  address?: string;
  /** Starts libvirtd again after it was stopped; without it, it is started as it was. */
  start?: () => Promise<void>;
}

/** The libvirtd of a node of the local cluster, which must be running. */
export async function libvirtOf(node: Node): Promise<LibvirtNode> {
  const root = await node.bundle.rootFolder();
  return {
    name: node.name,
    root,
    socket: `${root}/run/libvirt/libvirt-sock`,
    address: addresses.node(node),
    start: () => startRuntimes(node, progress({ live: false, quietBelow: Number.POSITIVE_INFINITY })),
  };
}
