import type { Node } from "../../cluster/cluster.ts";
import { addresses } from "../../cluster/fabric.ts";
import { nodes } from "../cluster.ts";

/** A libvirtd to test against. */
export interface LibvirtNode {
  name: string;
  /** The path of its socket, as seen from here. */
  socket: string;
  /** The node's root folder, as seen from here. */
  root: string;
  /** The node's address as another node reaches it; its libvirtd listens to TCP there. */
  address: string;
  node: Node;
}

/** The libvirts of the cluster's two nodes, which reach each other. */
export async function libvirts(): Promise<LibvirtNode[]> {
  return Promise.all(
    nodes.map(async (node) => {
      const root = await node.bundle.rootFolder();
      return { name: node.name, socket: `${root}/run/libvirt/libvirt-sock`, root, address: addresses.node(node), node };
    }),
  );
}
