import type { z } from "zod";
import { boolean, object, opaque, pattern, text } from "./field.ts";
import { image, pathInImage } from "./image.ts";
import { atMostOne } from "./rule.ts";

const bootloader = object(
  {
    bios: object(
      { useSerial: boolean("Whether it writes to the serial console.").optional() },
      "A classic BIOS; what is there when nothing is said.",
    ).optional(),
    efi: object(
      {
        secureBoot: boolean("Whether only signed systems start; true when absent.").optional(),
        persistent: opaque.boolean("Whether its variables outlast the instance.").optional(),
      },
      "UEFI.",
    ).optional(),
  },
  "What starts the guest's system.",
  { constraints: [atMostOne("bios", "efi")] },
);

const kernelBoot = object(
  {
    container: object(
      {
        ...image("The image that holds the kernel."),
        kernelPath: pathInImage("The kernel's path in it."),
        initrdPath: pathInImage("The path in it of the initial RAM disk, if there is one.").optional(),
      },
      "Where the kernel is.",
    ),
    kernelArgs: text("The kernel's command line.", 2048).optional(),
  },
  "A kernel to start without a boot loader.",
);
export type KernelBoot = z.infer<typeof kernelBoot>;

export const firmware = object(
  {
    uuid: pattern(
      /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
      36,
      "The machine's UUID; derived from its name when absent, so that it stays the same.",
    ).optional(),
    serial: pattern(/^[A-Za-z0-9_.+-]+$/, 256, "The machine's serial number.").optional(),
    bootloader: bootloader.optional(),
    kernelBoot: kernelBoot.optional(),
    acpi: opaque.object("ACPI tables to add.").optional(),
  },
  "The machine's firmware.",
);
export type Firmware = z.infer<typeof firmware>;

export const machine = object(
  {
    type: pattern(/^(q35|pc-q35-[a-z0-9.-]+)?$/, 64, "q35, or a version of it such as pc-q35-7.2; empty is q35 too.")
      .meta({ default: "q35" })
      .optional(),
  },
  "The kind of machine.",
  { fallback: {} },
);

export const chassis = object(
  {
    manufacturer: text("Who made it.", 256).optional(),
    version: text("Its version.", 256).optional(),
    serial: text("Its serial number.", 256).optional(),
    asset: text("Its asset tag.", 256).optional(),
    sku: text("Its stock-keeping unit.", 256).optional(),
  },
  "What the guest reads about its chassis.",
);
