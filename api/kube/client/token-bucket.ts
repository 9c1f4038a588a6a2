export interface TokenBucketOptions {
  /** How many may come at once. */
  burst: number;
  /** Milliseconds after which one more may. */
  refill: number;
}

/** Lets a burst through, then one at a time. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #at = performance.now();

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.burst;
  }

  /** Whether one more may come; it then counts. */
  take(): boolean {
    const now = performance.now();
    const { burst, refill } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) / refill);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
