import type { Log } from "../../api/kube/log.ts";
import { sleep } from "../../api/kube/sleep.ts";

/** The state of the node's libvirt: not asked yet, answering, not installed, or installed and not answering. */
export type LibvirtState = "unknown" | "answers" | "absent" | "lost";

export interface LibvirtWatchOptions {
  /** Resolves when libvirt and its QEMU driver answer. Rejects with the reason when they do not, in a bounded time. */
  readonly ask: () => Promise<void>;
  /** Whether an error of `ask` means that the node has no libvirt. */
  readonly isAbsence: (error: unknown) => boolean;
  /** Whether libvirt has started guests on this node. Then the node has a libvirt, even if it seems absent now. */
  readonly hasGuests: () => Promise<boolean>;
  readonly log: Log;
  /** Milliseconds between two checks. */
  readonly every?: number;
}

/**
 * Checks the node's libvirt regularly. An open socket proves little: libvirtd may be stopped, or all its threads may
 * wait for storage.
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

  /** Why libvirt does not answer; `undefined` while it does. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Checks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { every = 2000 } = this.#options;
    while (!signal.aborted) {
      await this.look();
      await sleep(every, signal).catch(() => {});
    }
  }

  /** Checks once. */
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
