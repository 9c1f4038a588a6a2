import type { RunStrategy } from "../../api/status/virtual-machine-states.ts";
import type { DryRun } from "../flags/values.ts";
import type { PullPolicy } from "../manifest/machine.ts";
import type { ObjectFormat } from "../output/print-object.ts";

/** The flags of `create`. */
export interface CreateFlags {
  image?: string;
  imagePullPolicy?: PullPolicy;
  memory: string;
  cpus: number;
  cloudInit?: string;
  sshKey?: string[];
  runStrategy: RunStrategy;
  labels?: Record<string, string>;
  /** Milliseconds. */
  expire?: number;
  filename?: string[];
  wait?: boolean;
  timeout: number;
  output?: ObjectFormat;
  dryRun: DryRun;
}
