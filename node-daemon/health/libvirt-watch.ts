import type { Log } from "../../api/kube/log.ts";
import { sleep } from "../../api/kube/sleep.ts";

/** How the node's libvirt is: not asked yet, answering, not there at all, or there and not answering. */
export type LibvirtState = "unknown" | "answers" | "absent" | "lost";

export interface LibvirtWatchOptions {
  /** Resolves when libvirt and its driver for QEMU answer; rejects with why they do not, in a bounded time. */
  readonly ask: () => Promise<void>;
  /** Whether what `ask` rejected with says that the node has no libvirt. */
  readonly isAbsence: (error: unknown) => boolean;
  /** Whether guests are on the node that libvirt has started: then there is one, whatever it looks like now. */
  readonly hasGuests: () => Promise<boolean>;
  readonly log: Log;
  /** Milliseconds between two questions. */
  readonly every?: number;
}

/**
 * Asks the node's libvirt again and again how it is. That its socket is open says little: a libvirtd may be stopped, or wait
 * for storage with all its threads.
 */
export class LibvirtWatch {
  readonly #options: LibvirtWatchOptions;
  #state: LibvirtState = "unknown";
  #failure: unknown;
  #hasAnswered = false;

  constructor(options: LibvirtWatchOptions) {
    this.#options = options;
  }

  get state(): LibvirtState {
    return this.#state;
  }

  /** Why it does not answer; `undefined` while it does. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Asks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { every = 2000 } = this.#options;
    while (!signal.aborted) {
      await this.look();
      await sleep(every, signal).catch(() => {});
    }
  }

  /** Asks once. */
  async look(): Promise<void> {
    const { ask, isAbsence, hasGuests } = this.#options;
    try {
      await ask();
      this.#hasAnswered = true;
      this.#now("answers", undefined);
    } catch (error) {
      const isAbsent = !this.#hasAnswered && isAbsence(error) && !(await hasGuests());
      this.#now(isAbsent ? "absent" : "lost", error);
    }
  }

  #now(state: LibvirtState, failure: unknown): void {
    const { log } = this.#options;
    if (state !== this.#state) {
      if (state === "lost") log("warn", "libvirt does not answer", { error: failure });
      else log("info", state === "answers" ? "libvirt answers" : "this node has no libvirt");
    }
    this.#state = state;
    this.#failure = failure;
  }
}
