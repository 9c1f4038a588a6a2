import { readdir, readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { join } from "node:path";
import type { Log } from "../../../api/kube/log.ts";
import { sleep } from "../../../api/kube/sleep.ts";
import { orUndefined } from "../error-code.ts";

/** The files of libvirt's drivers of QEMU, the one daemon's and the split ones', that say which process it is. */
const pidFiles = ["libvirtd.pid", "virtqemud.pid"];

/** Milliseconds between looks for threads of guests that have started. */
const lookEvery = 5000;

/** How nice such a thread is: a tenth of the weight of others, and still a share of a node that is busy. */
const niceness = 10;

export interface LibvirtThreadsOptions {
  /** The names of the domains on this node that are ours. */
  readonly domains: () => Iterable<string>;
  readonly proc?: string;
}

/**
 * libvirt has a thread for each guest that reads what its QEMU and its agent send. A guest that floods its agent's channel
 * keeps that thread busy, outside of all cgroups of pods: so it gives way to others (`npm run bench -- neighbours`).
 */
export class LibvirtThreads {
  readonly #domains: () => Iterable<string>;
  readonly #proc: string;
  /** Those that have given way already, by number. */
  #known: ReadonlySet<string> = new Set();

  constructor({ domains, proc = "/proc" }: LibvirtThreadsOptions) {
    this.#domains = domains;
    this.#proc = proc;
  }

  /** Has the threads of our guests give way that do not yet. */
  async giveWay(): Promise<void> {
    const names = new Set([...this.#domains()].map(threadName));
    const known = new Set<string>();
    for (const process of names.size > 0 ? await this.#libvirt() : []) {
      const tasks = join(this.#proc, String(process), "task");
      for (const task of await readdir(tasks).catch(() => [])) {
        const key = `${process}/${task}`;
        const isTheirs = this.#known.has(key) || names.has(await nameOf(join(tasks, task)));
        if (!isTheirs) continue;
        if (!this.#known.has(key)) yieldFrom(Number(task));
        known.add(key);
      }
    }
    this.#known = known;
  }

  /** Goes on with that until the signal is aborted: libvirt makes these threads anew when it is started again. */
  async keep(log: Log, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.giveWay().catch((error: unknown) => log("warn", "libvirt's threads are as they were", { error }));
      await sleep(lookEvery, signal).catch(() => {});
    }
  }

  async #libvirt(): Promise<number[]> {
    const found: number[] = [];
    for (const file of pidFiles) {
      const pid = Number(await readFile(join(this.#proc, "1/root/run", file), "utf8").catch(orUndefined));
      if (Number.isInteger(pid) && pid > 0) found.push(pid);
    }
    return found;
  }
}

/** What libvirt calls the thread of a domain; the kernel keeps 15 bytes of it. */
export function threadName(domain: string): string {
  return `vm-${domain}`.slice(0, 15);
}

async function nameOf(task: string): Promise<string> {
  return (await readFile(join(task, "comm"), "utf8").catch(() => "")).trimEnd();
}

function yieldFrom(thread: number): void {
  try {
    // For Linux a thread is a process here (setpriority(2)).
    setPriority(thread, niceness);
  } catch (error) {
    // Node tells the system's code apart from its own.
    const { info }: { info?: { code?: string } } = Object(error);
    if (info?.code !== "ESRCH") throw error;
  }
}
