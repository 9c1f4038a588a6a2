import type { RunStrategy } from "../../api/status/virtual-machine-states.ts";
import type { DryRun } from "../flags/values.ts";
import type { ObjectFormat } from "../output/print-object.ts";
import type { MachineFlags } from "./machine-flags.ts";

/** The flags of `create`. */
export interface CreateFlags extends MachineFlags {
  runStrategy: RunStrategy;
  /** Milliseconds. */
  expire?: number;
  filename?: string[];
  wait?: boolean;
  timeout: number;
  output?: ObjectFormat;
  dryRun: DryRun;
}
