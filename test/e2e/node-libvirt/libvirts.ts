import { nodes } from "../cluster.ts";
import { type LibvirtNode, libvirtOf } from "./libvirt-node.ts";

/** Returns the libvirts of the cluster's nodes, which can reach each other, or those in `LIBVIRT_NODES` (JSON). */
export async function libvirts(): Promise<LibvirtNode[]> {
  const others = process.env.LIBVIRT_NODES;
  return others ? (JSON.parse(others) as LibvirtNode[]) : Promise.all(nodes.map(libvirtOf));
}
