import type { z } from "zod";
import { boolean, choice, integer, label, object, opaque, pattern } from "./field.ts";
import { atMostOne, type Constraint } from "./rule.ts";

const notReadOnlyOnSata: Constraint<{ bus?: string | undefined; readonly?: boolean | undefined }> = {
  cel: {
    rule: "!(has(self.bus) && self.bus == 'sata' && has(self.readonly) && self.readonly)",
    message: "a disk on bus sata cannot be read-only",
    fieldPath: ".readonly",
  },
  breach: ({ bus, readonly }) => (bus === "sata" && readonly ? "a disk on bus sata cannot be read-only" : undefined),
};

const onlyRead: Constraint<{ readonly?: boolean | undefined }> = {
  cel: {
    rule: "!has(self.readonly) || self.readonly",
    message: "a guest can only read a CD",
    fieldPath: ".readonly",
  },
  breach: ({ readonly }) => (readonly === false ? "a guest can only read a CD" : undefined),
};

/** QEMU can do native input and output only without the host's cache. */
const nativeIsUncached: Constraint<{ io?: string | undefined; cache?: string | undefined }> = {
  cel: {
    rule: "!(has(self.io) && self.io == 'native' && has(self.cache) && self.cache != 'none')",
    message: "io native needs cache none",
    fieldPath: ".cache",
  },
  breach: ({ io, cache = "none" }) => (io === "native" && cache !== "none" ? "io native needs cache none" : undefined),
};

const bus = (description: string) => choice(["virtio", "sata", "scsi", "usb"], description);

export const disk = object(
  {
    name: label("The volume that it shows to the guest."),
    disk: object(
      {
        bus: bus("How the guest sees it; virtio when absent.").optional(),
        readonly: boolean("Whether the guest can only read it.").optional(),
        pciAddress: opaque.text("The guest's PCI address of it.").optional(),
      },
      "A plain disk; the kind of a disk that names none.",
      { constraints: [notReadOnlyOnSata] },
    ).optional(),
    cdrom: object(
      {
        bus: choice(["sata", "scsi", "usb"], "How the guest sees it; sata when absent.").optional(),
        readonly: boolean("Always true: a guest can only read a CD.").optional(),
        tray: choice(["open", "closed"], "Whether the drive's tray is open at the start.").optional(),
      },
      "A CD drive.",
      { constraints: [onlyRead] },
    ).optional(),
    lun: object(
      {
        bus: bus("How the guest sees it.").optional(),
        readonly: boolean("Whether the guest can only read it.").optional(),
        reservation: opaque.boolean("Whether the guest may make SCSI persistent reservations.").optional(),
      },
      "A SCSI device whose commands reach the storage behind it.",
    ).optional(),
    bootOrder: integer("The place in the firmware's boot order, from 1; unique among disks and interfaces.", {
      min: 1,
      max: 1024,
    }).optional(),
    serial: pattern(/^[A-Za-z0-9_.+-]+$/, 256, "The serial number that the guest reads.").optional(),
    cache: choice(["none", "writethrough", "writeback"], "How the host caches it.").optional(),
    io: choice(["native", "threads"], "How QEMU does its input and output.").optional(),
    dedicatedIOThread: opaque.boolean("Whether it has an I/O thread of its own.").optional(),
    tag: opaque.text("A word that the guest finds beside the device.").optional(),
    blockSize: opaque.object("Logical and physical sizes of its blocks.").optional(),
    shareable: opaque.boolean("Whether several machines may write to it.").optional(),
    errorPolicy: choice(["stop", "ignore", "report", "enospace"], "What happens when the storage fails.").optional(),
    changedBlockTracking: opaque.boolean("Whether changed blocks are recorded for backups.").optional(),
  },
  "A disk of the guest.",
  { constraints: [atMostOne("disk", "cdrom", "lun"), nativeIsUncached] },
);
export type Disk = z.infer<typeof disk>;
