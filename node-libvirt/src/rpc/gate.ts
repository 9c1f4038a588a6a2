/** When who waits is late, and what it is told. */
export interface Late {
  /** Milliseconds. */
  after: number;
  error: () => Error;
}

/** Lets so many through at a time; the others wait their turn. */
export class Gate {
  readonly #limit: number;
  #inside = 0;
  readonly #waiting: Set<() => void> = new Set();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Runs `work` when there is room; rejects with the signal's reason or, after so many milliseconds (0 for never), the
   * error of being late when that comes first.
   */
  async pass<T>(work: () => Promise<T>, signal?: AbortSignal, late?: Late): Promise<T> {
    if (this.#inside >= this.#limit) await this.#turn(signal, late);
    else this.#inside++;
    try {
      return await work();
    } finally {
      // Whoever is next takes over this place, so nobody can slip in between.
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
