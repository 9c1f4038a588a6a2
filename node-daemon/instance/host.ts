/** What a domain's XML depends on besides its instance: facts of the node. */
export interface HostFacts {
  /** How guests run here: `qemu` is emulation. */
  readonly virtType: "kvm" | "qemu";
  /** libvirt's word for the processor. */
  readonly arch: string;
  /** The largest packet on the pods' network, as far as the daemon's own pod tells. */
  readonly mtu: number | undefined;
  /** UEFI without Secure Boot, where the node has it. */
  readonly uefi: Firmware | undefined;
  /** UEFI with Secure Boot and the keys that it trusts enrolled, where the node has it. */
  readonly secureUefi?: Firmware | undefined;
}

/** UEFI firmware: its program, and what the variables of a new machine are copied from. */
export interface Firmware {
  readonly code: string;
  readonly variables: string;
}
