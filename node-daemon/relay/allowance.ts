export interface AllowanceOptions {
  /** How much may come at once. */
  burst: number;
  /** How much more may come each second. */
  rate: number;
}

/** A rate limit with a burst. A large amount may make the rest negative; the caller then waits until it is positive. */
export class Allowance {
  readonly burst: number;
  readonly rate: number;
  #left: number;
  #at = performance.now();

  constructor({ burst, rate }: AllowanceOptions) {
    this.burst = burst;
    this.rate = rate;
    this.#left = burst;
  }

  /** How much may come now. */
  get left(): number {
    const now = performance.now();
    this.#left = Math.min(this.burst, this.#left + ((now - this.#at) / 1000) * this.rate);
    this.#at = now;
    return this.#left;
  }

  /** Takes an amount; returns whether more may come. */
  take(amount: number): boolean {
    const left = this.left - amount;
    // The wait after a large amount is never longer than a burst takes to refill.
    this.#left = Math.max(left, -this.burst);
    return left > 0;
  }
}
