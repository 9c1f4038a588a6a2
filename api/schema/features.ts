import type { z } from "zod";
import { boolean, integer, object, opaque, text } from "./field.ts";

const enabled = boolean("Whether it is on; true when absent.").optional();
const feature = (description: string) => object({ enabled }, description).optional();

const hyperv = object(
  {
    relaxed: feature("Watchdogs in the guest are relaxed."),
    vapic: feature("A paravirtual interrupt controller."),
    vpindex: feature("Indexes of virtual CPUs."),
    runtime: feature("The time that virtual CPUs ran."),
    synic: feature("A synthetic interrupt controller."),
    synictimer: object({ enabled, direct: feature("Expiry as an interrupt.") }, "Synthetic timers.").optional(),
    reset: feature("A reset by hypercall."),
    frequencies: feature("Registers of frequencies."),
    reenlightenment: feature("A notice when the time counter's frequency changes."),
    tlbflush: object(
      {
        enabled,
        direct: opaque.object("For nested guests.").optional(),
        extended: opaque.object("By ranges.").optional(),
      },
      "Flushes of address translations by hypercall.",
    ).optional(),
    ipi: feature("Interrupts between virtual CPUs by hypercall."),
    evmcs: feature("Nested virtualisation on Intel."),
    spinlocks: object(
      {
        enabled,
        spinlocks: integer("Tries before the hypervisor is told.", { min: 4096, max: 2 ** 31 - 1 }).optional(),
      },
      "A notice of spin locks that are long in waiting.",
    ).optional(),
    vendorid: object(
      { enabled, vendorid: text("Up to 12 characters.", 12).optional() },
      "The vendor's name.",
    ).optional(),
  },
  "What a Windows guest finds of Hyper-V.",
);

export const features = object(
  {
    acpi: feature("Power management by ACPI."),
    apic: object(
      { enabled, endOfInterrupt: boolean("Whether the guest need not acknowledge each interrupt.").optional() },
      "The local interrupt controllers.",
    ).optional(),
    smm: feature("System management mode."),
    kvm: object(
      { hidden: boolean("Whether the guest is not told that it runs on KVM.").optional() },
      "KVM's own.",
    ).optional(),
    pvspinlock: feature("Paravirtual spin locks."),
    hyperv: hyperv.optional(),
    hypervPassthrough: opaque.object("All of Hyper-V that the node has.").optional(),
  },
  "Features of the hypervisor.",
);
export type Features = z.infer<typeof features>;
