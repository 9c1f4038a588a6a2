export interface TokenBucketOptions {
  /** The most at once. */
  burst: number;
  /** Milliseconds until one more is allowed. */
  refill: number;
}

/** Allows a burst, then one at a time. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #at = performance.now();

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.burst;
  }

  /** Whether one more is allowed; if so, it is counted. */
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
