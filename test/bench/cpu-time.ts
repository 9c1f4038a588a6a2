import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { cgroupProcesses, cpuSeconds } from "../../cluster/cgroup.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { findProcess, type Process } from "../../cluster/process.ts";

/** CPU seconds of a piece of work. */
export interface CpuTime {
  /** Seconds of all processes of the cluster, minus their use at rest. */
  all: number;
  /** Seconds of long-running programs, by name, without processes that ended during the work. */
  byProgram: ReadonlyMap<string, number>;
}

/** Milliseconds over which we measure whether a cluster is at rest. */
const interval = 1000;

/** Allowed difference from the measured rest, in CPU seconds a second. */
const tolerance = 0.1;

/** The most that dozens of idle guests and the programs around them use, in CPU seconds a second. */
const mostOfIdling = 0.7;

/** The longest wait for a cluster, in milliseconds. */
const patience = 60_000;

/** Clock ticks of `/proc/PID/stat` in a second, always (proc_pid_stat(5), USER_HZ). */
const ticks = 100;

/** Measures the CPU time of a cluster's processes, independent of the computer's other load. */
export class CpuMeter {
  readonly #cluster: Cluster;
  /** CPU seconds in a second of rest. */
  readonly #rest: number;

  private constructor(cluster: Cluster, rest: number) {
    this.#cluster = cluster;
    this.#rest = rest;
  }

  /** Makes a meter, after a measurement of the cluster at rest. */
  static async of(cluster: Cluster): Promise<CpuMeter> {
    const seconds = 10;
    const before = await cpuSeconds(cluster.cgroup);
    await delay(seconds * 1000);
    return new CpuMeter(cluster, ((await cpuSeconds(cluster.cgroup)) - before) / seconds);
  }

  /**
   * Measures work and its after-effects, until the cluster has settled. The steady use of newly started things is not
   * part of the work.
   */
  async of<T>(work: () => Promise<T>): Promise<{ result: T; cpu: CpuTime }> {
    const since = performance.now();
    const [before, programsBefore] = await Promise.all([
      cpuSeconds(this.#cluster.cgroup),
      programSeconds(this.#cluster),
    ]);
    const result = await work();
    const worked = performance.now();
    const settled = await this.#settle();
    const [after, programsAfter] = await Promise.all([cpuSeconds(this.#cluster.cgroup), programSeconds(this.#cluster)]);
    const resting = (this.#rest * (worked - since) + settled * (performance.now() - worked)) / 1000;
    const byProgram = new Map<string, number>();
    for (const [name, seconds] of programsAfter) byProgram.set(name, seconds - (programsBefore.get(name) ?? 0));
    return { result, cpu: { all: after - before - resting, byProgram } };
  }

  /** Waits until the cluster is at rest. */
  async rest(): Promise<void> {
    const until = performance.now() + patience;
    while ((await this.#rate()) > this.#rest + tolerance && performance.now() < until);
  }

  /** Waits until the cluster gets no quieter, and returns its use in CPU seconds a second. */
  async #settle(): Promise<number> {
    const until = performance.now() + patience;
    let last = await this.#rate();
    for (;;) {
      const rate = await this.#rate();
      const quiet = last < mostOfIdling && rate < mostOfIdling && Math.abs(last - rate) < tolerance;
      if (quiet || performance.now() > until) return Math.min(last, rate);
      last = rate;
    }
  }

  /** Measures the cluster's use in CPU seconds a second. */
  async #rate(): Promise<number> {
    const [since, before] = [performance.now(), await cpuSeconds(this.#cluster.cgroup)];
    await delay(interval);
    return ((await cpuSeconds(this.#cluster.cgroup)) - before) / ((performance.now() - since) / 1000);
  }
}

/** Returns the CPU seconds of a cluster's programs so far, by name. */
export async function programSeconds(cluster: Cluster): Promise<Map<string, number>> {
  const pids = await cgroupProcesses(cluster.cgroup, { below: true });
  const found = new Map<string, number>();
  for (const pid of pids) {
    const process = await findProcess(pid);
    const seconds = process && (await secondsOf(pid));
    if (process && seconds !== undefined) found.set(nameOf(process), (found.get(nameOf(process)) ?? 0) + seconds);
  }
  return found;
}

/** Returns the name of a program. Our own programs are all Node, so they get the name of their bundle. */
export function nameOf({ program, args }: Process): string {
  const script = args.find((arg) => /\.m?js$/.test(arg));
  const path = program.endsWith("/node") && script ? script.replace(/\.m?js$/, "") : program;
  return path.split("/").at(-1) ?? path;
}

/** Returns the CPU seconds of a process so far; `undefined` when it is gone. */
export async function secondsOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // Split after the name, which may hold any character. The first field is then field 3; 14 and 15 are user and
  // system time.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields && (Number(fields[11]) + Number(fields[12])) / ticks;
}
