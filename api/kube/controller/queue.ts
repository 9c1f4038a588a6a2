import { type BackoffOptions, backoffDelay } from "./backoff.ts";

export interface QueueOptions {
  /** The most keys in work at once; 1 by default. */
  concurrency?: number;
  /** The delays of `retry`; from 100 ms to 5 min by default. */
  backoff?: BackoffOptions;
}

/** Does the work for a key. It should handle its own errors: an error that it throws ends the queue. */
export type Work = (key: string, signal: AbortSignal) => Promise<void>;

/**
 * A queue of keys that wait for work. A key waits once, however often it is added. Only one worker works on a key at a
 * time. A key that is added meanwhile waits again.
 */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #backoff: BackoffOptions;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  /** Keys that were added during their own work. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { due: number; timer: NodeJS.Timeout }>();
  readonly #failures = new Map<string, number>();
  /** When work began or ended last, by `performance.now()`. */
  #moved = performance.now();
  #closed = false;
  #start: (() => void) | undefined;

  constructor({ concurrency = 1, backoff = { base: 100, max: 300_000 } }: QueueOptions = {}) {
    this.#concurrency = concurrency;
    this.#backoff = backoff;
  }

  /** The number of keys that wait for work now, without delayed ones. */
  get depth(): number {
    return this.#waiting.size + this.#again.size;
  }

  /** The number of keys in work. */
  get active(): number {
    return this.#active.size;
  }

  /** The number of keys that wait for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  /** Milliseconds for which keys have waited while no work has begun or ended; 0 while there is a free place. */
  get stuckFor(): number {
    const isFull = this.active >= this.#concurrency && this.depth > 0;
    return isFull ? performance.now() - this.#moved : 0;
  }

  /** The number of a key's failures in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Adds a key and cancels its delay, if it has one: the work that comes now decides on a new one. */
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

  /** Adds a key after a time in milliseconds, unless the key comes earlier anyhow. */
  addAfter(key: string, delay: number): void {
    if (this.#closed || this.#waiting.has(key) || this.#again.has(key)) return;
    if (delay <= 0) return this.add(key);
    const due = performance.now() + delay;
    const present = this.#delayed.get(key);
    if (present && present.due <= due) return;
    this.#cancel(key);
    // setTimeout allows at most 24.8 days. The key then comes early, and may be delayed again.
    const timer = setTimeout(() => this.add(key), Math.min(delay, 2 ** 31 - 1));
    this.#delayed.set(key, { due, timer });
  }

  /** Adds a key that failed, after a delay that grows with its failures in a row. Returns the delay in milliseconds. */
  retry(key: string): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    const delay = backoffDelay(failures, this.#backoff);
    this.addAfter(key, delay);
    return delay;
  }

  /** Resets a key's failures, after a success. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /**
   * Works until the signal is aborted. Then it takes no more keys, waits for running work (its signal is aborted too)
   * and resolves. An error of the work ends it and is thrown. A queue runs once.
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
    // In a later microtask: the caller that adds a key must not run the key's work itself, and may add the key again.
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
