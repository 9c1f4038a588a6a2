import type { Confinement } from "../instance/confinement.ts";

/** Keeps a machine's QEMU away from the rest of its node, in case the guest takes QEMU over. */
export interface Isolation {
  /**
   * Closes the parts of a node that may be open to everybody (its own network, libvirt) to machines' users. Keeps parts
   * that are closed already. Returns a list of its changes; throws, naming the missing feature of the node.
   */
  enforce(): Promise<string[]>;
  /** The confinement of a process; undefined when the process is gone. */
  confinementOf(pid: number): Promise<Confinement | undefined>;
}
