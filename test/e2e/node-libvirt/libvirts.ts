/** A libvirtd to test against. */
export interface LibvirtNode {
  name: string;
  /** The path of its socket, as seen from here. */
  socket: string;
  /** The node's root folder, as seen from here. */
  root: string;
  /** The node's address as another node reaches it, where its libvirtd listens to TCP; a migration needs it. */
  address?: string;
}

/** The libvirts there are: at least one; for a migration two, which reach each other. */
export async function libvirts(): Promise<LibvirtNode[]> {
  const nodes = process.env.LIBVIRT_NODES;
  if (!nodes) throw new Error("LIBVIRT_NODES names no libvirt to test against");
  return JSON.parse(nodes) as LibvirtNode[];
}
