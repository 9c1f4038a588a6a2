import { z } from "zod";
import { group } from "../group.ts";
import { object } from "./field.ts";
import { instanceSpec } from "./instance-spec.ts";
import { instanceStatus } from "./instance-status.ts";
import { machineMeta } from "./metadata.ts";

/** A machine that runs, will run, or has run. */
export const virtualMachineInstance = object(
  {
    apiVersion: z.literal(group.apiVersion),
    kind: z.literal("VirtualMachineInstance"),
    metadata: machineMeta,
    spec: instanceSpec,
    status: instanceStatus.optional(),
  },
  "A virtual machine that runs, or is about to, or has run.",
);
export type VirtualMachineInstance = z.infer<typeof virtualMachineInstance>;
