import type { z } from "zod";
import { disk } from "./disk.ts";
import { boolean, choice, label, listBy, object, opaque } from "./field.ts";
import { networkInterface } from "./network.ts";
import { exactlyOne } from "./rule.ts";

const action = choice(["poweroff", "reset", "shutdown"], "What happens when the guest is silent; reset when absent.");

const watchdog = object(
  {
    name: label("A name for it."),
    i6300esb: object({ action: action.optional() }, "Intel's 6300ESB.").optional(),
    diag288: opaque.object("That of IBM Z.").optional(),
  },
  "A device that the guest must keep feeding.",
  { constraints: [exactlyOne(["i6300esb", "diag288"])] },
);

const input = object(
  {
    name: label("A name for it."),
    type: choice(["tablet", "keyboard"], "What it is."),
    bus: choice(["usb", "virtio"], "How the guest sees it; usb when absent.").optional(),
  },
  "An input device.",
);

export const devices = object(
  {
    disks: listBy("name", disk, "The disks. A volume without one gets one.").optional(),
    interfaces: listBy("name", networkInterface, "The network cards.", 32).optional(),
    inputs: listBy("name", input, "The input devices.", 16).optional(),
    rng: object({}, "A source of random numbers.").optional(),
    watchdog: watchdog.optional(),
    video: object(
      {
        type: choice(
          ["virtio", "vga", "bochs", "cirrus", "ramfb"],
          "The kind of graphics card; vga when absent.",
        ).optional(),
      },
      "The graphics card.",
    ).optional(),
    autoattachSerialConsole: boolean("Whether there is a serial console; true when absent.").optional(),
    logSerialConsole: boolean("Whether what it prints is kept as a log; true when absent.").optional(),
    autoattachGraphicsDevice: boolean("Whether there is a screen; true when absent.").optional(),
    autoattachPodInterface: boolean(
      "Whether a machine without networks is attached to the pods' network; true when absent.",
    ).optional(),
    autoattachMemBalloon: boolean(
      "Whether there is a balloon that tells of the guest's memory; true when absent.",
    ).optional(),
    autoattachInputDevice: boolean("Whether there is a tablet when there is a screen and no input device.").optional(),
    blockMultiQueue: boolean("Whether disks have a queue for each virtual CPU.").optional(),
    networkInterfaceMultiqueue: boolean("Whether network cards have a queue for each virtual CPU.").optional(),
    useVirtioTransitional: boolean("Whether virtio devices also speak the old form, for old guests.").optional(),
    autoattachVSOCK: opaque.boolean("Whether there is a socket between node and guest.").optional(),
    disableHotplug: opaque.boolean("Whether nothing can be plugged in later.").optional(),
    gpus: opaque.list("Graphics processors of the node.").optional(),
    hostDevices: opaque.list("Devices of the node.").optional(),
    filesystems: opaque.list("Shared file systems.").optional(),
    panicDevices: opaque.list("Devices by which the guest tells that it crashed.").optional(),
    downwardMetrics: opaque.object("A channel with metrics of the node.").optional(),
    clientPassthrough: opaque.object("USB devices of whoever is connected.").optional(),
    sound: opaque.object("A sound card.").optional(),
    tpm: opaque.object("A trusted platform module.").optional(),
  },
  "The guest's devices.",
  { fallback: {} },
);
export type Devices = z.infer<typeof devices>;
