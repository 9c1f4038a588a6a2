export interface AllowanceOptions {
  /** How much may come at once. */
  burst: number;
  /** How much more may come each second. */
  rate: number;
}

/** How much may come: a burst, and from then on a rate. What is large may go below nothing, and is waited for after. */
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

  /** So much has come; returns whether more may. */
  use(amount: number): boolean {
    const left = this.left - amount;
    // However large it was, it is not waited for longer than a burst takes to fill.
    this.#left = Math.max(left, -this.burst);
    return left > 0;
  }
}
