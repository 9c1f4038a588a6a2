/** The facts about the node that a domain's XML depends on. */
export interface HostFacts {
  /** How guests run here; `qemu` is emulation. */
  readonly virtType: "kvm" | "qemu";
  /** libvirt's name of the processor architecture. */
  readonly arch: string;
  /** The MTU of the pods' network, if the daemon's own pod shows it. */
  readonly mtu: number | undefined;
  /** UEFI without Secure Boot, if the node has it. */
  readonly uefi: Firmware | undefined;
  /** UEFI with Secure Boot and enrolled keys, if the node has it. */
  readonly secureUefi?: Firmware | undefined;
}

/** UEFI firmware: its program, and the template for a new machine's variables. */
export interface Firmware {
  readonly code: string;
  readonly variables: string;
}
