import { cpus, release, totalmem } from "node:os";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Step } from "../../cluster/progress.ts";

/** One measured figure. */
export interface Row {
  what: string;
  /** `s`, `ms`, `µs`, `MiB`, `calls/s`, … */
  unit: string;
  /** The figure to quote; of several runs, the median. */
  value: number;
  p50?: number;
  p95?: number;
  /** The best possible figure on this computer, measured in the same run, in the same unit. */
  floor?: number;
  /** value / floor. */
  ratio?: number;
  /** The limit of the figure, or of the ratio if there is a floor. */
  bar?: number;
  ok?: boolean;
}

/** The context of a measurement: a cluster of its own. The measurement starts it, and the runner ends it. */
export interface BenchContext {
  cluster: Cluster;
  step: Step;
  /** The number of objects, for measurements with a variable number. */
  count?: number;
}

/** A named measurement: each file beside this one that `main.ts` lists exports one. */
export type Bench = (context: BenchContext) => Promise<Row[]>;

/** The result of a run as `-o json` prints it. */
export interface BenchResult {
  name: string;
  machine: { cpus: number; processor: string; memoryMiB: number; kernel: string; node: string };
  rows: Row[];
}

/** Describes the computer, as far as it affects the figures. */
export function machine(): BenchResult["machine"] {
  return {
    cpus: cpus().length,
    processor: cpus()[0]?.model ?? "",
    memoryMiB: Math.round(totalmem() / 1024 ** 2),
    kernel: release(),
    node: process.version,
  };
}

/** Makes a row from the figures of several runs. */
export function rowOf(
  what: string,
  unit: string,
  samples: readonly number[],
  more: Pick<Row, "floor" | "bar"> = {},
): Row {
  const p50 = percentile(samples, 50);
  const row: Row = {
    what,
    unit,
    value: p50,
    ...(samples.length > 1 ? { p50, p95: percentile(samples, 95) } : {}),
    ...more,
  };
  if (more.floor !== undefined) row.ratio = row.value / more.floor;
  if (more.bar !== undefined) row.ok = (row.ratio ?? row.value) <= more.bar;
  return row;
}

/** Returns the nearest-rank percentile of some figures. Throws when there are none. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error("no samples");
  return value;
}
