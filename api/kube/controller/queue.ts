import { type BackoffOptions, backoffDelay } from "./backoff.ts";

export interface QueueOptions {
  /** How many keys are worked on at once; 1 by default. */
  concurrency?: number;
  /** The delays of `retry`; 100 ms to 5 min by default. */
  backoff?: BackoffOptions;
}

/** Does the work of a key; what it throws is for its own to handle, and ends the queue. */
export type Work = (key: string, signal: AbortSignal) => Promise<void>;

/**
 * Keys that wait for work. A key waits once however often it is added, is worked on by one at a time, and waits again
 * when it is added meanwhile.
 */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #backoff: BackoffOptions;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  /** Keys that were added while they were worked on. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { due: number; timer: NodeJS.Timeout }>();
  readonly #failures = new Map<string, number>();
  /** When work has begun or ended last, by `performance.now()`. */
  #moved = performance.now();
  #closed = false;
  #start: (() => void) | undefined;

  constructor({ concurrency = 1, backoff = { base: 100, max: 300_000 } }: QueueOptions = {}) {
    this.#concurrency = concurrency;
    this.#backoff = backoff;
  }

  /** How many keys wait for work now, delayed ones not among them. */
  get depth(): number {
    return this.#waiting.size + this.#again.size;
  }

  /** How many keys are worked on. */
  get active(): number {
    return this.#active.size;
  }

  /** How many keys wait for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  /** Milliseconds for which keys have waited while no work has begun or ended; 0 while there is room for more. */
  get stuckFor(): number {
    const isFull = this.active >= this.#concurrency && this.depth > 0;
    return isFull ? performance.now() - this.#moved : 0;
  }

  /** How often a key has failed in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Adds a key. A time that it waited for is given up: the work that comes now decides on another. */
  add(key: string): void {
    if (this.#closed) return;
    this.#cancel(key);
    if (this.#active.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#waiting.add(key);
    this.#start?.();
  }

  /** Adds a key after a time in milliseconds, unless it comes earlier anyhow. */
  addAfter(key: string, delay: number): void {
    if (this.#closed || this.#waiting.has(key) || this.#again.has(key)) return;
    if (delay <= 0) return this.add(key);
    const due = performance.now() + delay;
    const present = this.#delayed.get(key);
    if (present && present.due <= due) return;
    this.#cancel(key);
    // setTimeout takes no more than 24.8 days; the key comes early then, and may be delayed again.
    const timer = setTimeout(() => this.add(key), Math.min(delay, 2 ** 31 - 1));
    this.#delayed.set(key, { due, timer });
  }

  /** Adds a key that failed, after a delay that grows with its failures in a row. Returns the delay. */
  retry(key: string): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    const delay = backoffDelay(failures, this.#backoff);
    this.addAfter(key, delay);
    return delay;
  }

  /** The key did not fail: its next failure is the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /**
   * Works until the signal is aborted; then takes no more keys, waits for the work under way (its signal is aborted too)
   * and resolves. Throws what the work throws, which also ends it. A queue runs once.
   */
  async run(work: Work, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let failed = false;
    const end = (): void => {
      this.#close();
      if (this.#active.size === 0 && !failed) resolve();
    };
    const fail = (error: unknown): void => {
      failed = true;
      this.#close();
      reject(error);
    };
    const done = (key: string): void => {
      this.#active.delete(key);
      this.#moved = performance.now();
      if (this.#again.delete(key)) this.add(key);
      if (signal.aborted) end();
      else this.#start?.();
    };
    const start = async (key: string): Promise<void> => work(key, signal);
    let starting = false;
    // Not in this turn: who adds a key is not to run its work, and may add it again.
    this.#start = () => {
      if (starting) return;
      starting = true;
      queueMicrotask(() => {
        starting = false;
        for (const key of this.#waiting) {
          if (this.#active.size >= this.#concurrency) return;
          this.#waiting.delete(key);
          this.#active.add(key);
          this.#moved = performance.now();
          void start(key)
            .catch(fail)
            .finally(() => done(key));
        }
      });
    };
    if (signal.aborted) end();
    else {
      signal.addEventListener("abort", end, { once: true });
      this.#start();
    }
    await promise.finally(() => signal.removeEventListener("abort", end));
  }

  #close(): void {
    this.#closed = true;
    this.#start = undefined;
    for (const { timer } of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    this.#waiting.clear();
    this.#again.clear();
    this.#failures.clear();
  }

  #cancel(key: string): void {
    clearTimeout(this.#delayed.get(key)?.timer);
    this.#delayed.delete(key);
  }
}
