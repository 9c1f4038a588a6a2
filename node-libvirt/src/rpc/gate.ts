/** The time limit of a waiting call, and its error. */
export interface Late {
  /** Milliseconds. */
  after: number;
  error: () => Error;
}

/** Admits a limited number of tasks at a time. The others wait for their turn. */
export class Gate {
  readonly #limit: number;
  #inside = 0;
  readonly #waiting: Set<() => void> = new Set();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Runs `work` when there is room. Rejects with the signal's reason, or with the error of `late` after `late.after`
   * milliseconds (0 for never), if one of these comes first.
   */
  async pass<T>(work: () => Promise<T>, signal?: AbortSignal, late?: Late): Promise<T> {
    if (this.#inside >= this.#limit) await this.#turn(signal, late);
    else this.#inside++;
    try {
      return await work();
    } finally {
      // The next task takes over this place directly, so that no other task takes it in between.
      const [next] = this.#waiting;
      if (next) next();
      else this.#inside--;
    }
  }

  async #turn(signal?: AbortSignal, late?: Late): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const enter = (): void => {
      this.#waiting.delete(enter);
      resolve();
    };
    const leave = (reason: unknown): void => {
      this.#waiting.delete(enter);
      reject(reason);
    };
    const abort = (): void => leave(signal?.reason);
    const timer = late && late.after > 0 ? setTimeout(() => leave(late.error()), late.after) : undefined;
    this.#waiting.add(enter);
    signal?.addEventListener("abort", abort);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}
