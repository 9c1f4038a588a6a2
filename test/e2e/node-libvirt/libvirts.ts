import { nodes } from "../cluster.ts";
import { type LibvirtNode, libvirtOf } from "./libvirt-node.ts";

/** The libvirts of the cluster's nodes, which reach each other; or those that `LIBVIRT_NODES` names, as JSON. */
export async function libvirts(): Promise<LibvirtNode[]> {
  const others = process.env.LIBVIRT_NODES;
  return others ? (JSON.parse(others) as LibvirtNode[]) : Promise.all(nodes.map(libvirtOf));
}
