import type { z } from "zod";
import { clock } from "./clock.ts";
import { cpu } from "./cpu.ts";
import { devices } from "./devices.ts";
import { features } from "./features.ts";
import { object, opaque } from "./field.ts";
import { chassis, firmware, machine } from "./firmware.ts";
import { guestFitsLimit, memory, memoryIsGiven, resources, standInIsPossible } from "./memory.ts";

export const domain = object(
  {
    devices: devices.optional(),
    cpu: cpu.optional(),
    memory: memory.optional(),
    resources: resources.optional(),
    firmware: firmware.optional(),
    machine: machine.optional(),
    features: features.optional(),
    clock: clock.optional(),
    chassis: chassis.optional(),
    ioThreadsPolicy: opaque.text("How disks share I/O threads.").optional(),
    ioThreads: opaque.object("How many I/O threads there are.").optional(),
    launchSecurity: opaque.object("Encryption of the guest's memory.").optional(),
    rebootPolicy: opaque.text("What happens when the guest restarts itself.").optional(),
  },
  "The machine itself.",
  { constraints: [memoryIsGiven, guestFitsLimit, ...standInIsPossible] },
);
export type Domain = z.infer<typeof domain>;
