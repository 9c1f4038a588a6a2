import { readdir, readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { join } from "node:path";
import type { Log } from "../../../api/kube/log.ts";
import { sleep } from "../../../api/kube/sleep.ts";
import { undefinedIfGone } from "../../../api/values/error-code.ts";

/** The PID files of libvirt's QEMU driver: of the monolithic daemon, and of the modular one. */
const pidFiles = ["libvirtd.pid", "virtqemud.pid"];

/** Milliseconds between checks for the threads of newly started guests. */
const lookEvery = 5000;

/** Nice value of such a thread: a tenth of the weight of others, which is still a share of a busy node. */
const niceness = 10;

export interface LibvirtThreadsOptions {
  /** The names of this node's domains that belong to instances. */
  readonly domains: () => Iterable<string>;
  readonly proc?: string;
}

/**
 * Lowers the priority of libvirt's threads. One such thread per guest reads the output of QEMU and the agent. A guest
 * that floods its agent's channel keeps it busy, outside of all pods' cgroups (`npm run bench -- neighbours`).
 */
export class LibvirtThreads {
  readonly #domains: () => Iterable<string>;
  readonly #proc: string;
  /** The threads whose priority is already lowered, as `PROCESS/THREAD`. */
  #known: ReadonlySet<string> = new Set();

  constructor({ domains, proc = "/proc" }: LibvirtThreadsOptions) {
    this.#domains = domains;
    this.#proc = proc;
  }

  /** Lowers the priority of the threads of our guests where it is not low yet. */
  async lowerPriority(): Promise<void> {
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

  /** Repeats this until the signal is aborted: libvirt creates new threads when it restarts. */
  async keep(log: Log, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.lowerPriority().catch((error: unknown) =>
        log("warn", "libvirt's threads are as they were", { error }),
      );
      await sleep(lookEvery, signal).catch(() => {});
    }
  }

  async #libvirt(): Promise<number[]> {
    const found: number[] = [];
    for (const file of pidFiles) {
      const pid = Number(await readFile(join(this.#proc, "1/root/run", file), "utf8").catch(undefinedIfGone));
      if (Number.isInteger(pid) && pid > 0) found.push(pid);
    }
    return found;
  }
}

/** libvirt's name for the thread of a domain. The kernel keeps 15 bytes of it. */
export function threadName(domain: string): string {
  return `vm-${domain}`.slice(0, 15);
}

async function nameOf(task: string): Promise<string> {
  return (await readFile(join(task, "comm"), "utf8").catch(() => "")).trimEnd();
}

function yieldFrom(thread: number): void {
  try {
    // On Linux, this call also takes a thread's number (setpriority(2)).
    setPriority(thread, niceness);
  } catch (error) {
    // Node keeps the system's error code apart from its own code.
    const { info }: { info?: { code?: string } } = Object(error);
    if (info?.code !== "ESRCH") throw error;
  }
}
