import type { Node } from "../../../cluster/cluster.ts";
import { addresses } from "../../../cluster/fabric.ts";
import { startRuntimes } from "../../../cluster/node.ts";
import { progress } from "../../../cluster/progress.ts";

/** A libvirtd to test against. */
export interface LibvirtNode {
  name: string;
  /** The path of its socket in our mount namespace. */
  socket: string;
  /** The node's root folder in our mount namespace. */
  root: string;
  /** The node's address for other nodes, if its libvirtd listens on TCP; a migration needs it. */
  address?: string;
  /** Starts libvirtd again after a stop. Without it, the test repeats the old command. */
  start?: () => Promise<void>;
}

/** Finds the running libvirtd of a node of the local cluster. */
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
