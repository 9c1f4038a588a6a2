export interface BudgetOptions {
  /** All bytes of the budget. */
  readonly bytes: number;
  /** The part of the bytes that only reservations may use. */
  readonly kept: number;
}

export interface AllocationOptions {
  /** The share of the remaining bytes that the holding may borrow; a quarter by default. */
  readonly part?: number;
}

/**
 * The bytes that a whole program may keep for slow peers. It is one number, so that it can be compared with the
 * program's memory. A part is kept for reservations, such as those of connections. The rest is lent out. No holder may
 * borrow more than a quarter of the remaining bytes, so the largest holders are refused first (the dynamic threshold of
 * Choudhury and Hahne, by which switches share their memory among queues). So no peer has to be ended for another one.
 */
export class Budget {
  readonly bytes: number;
  readonly kept: number;
  #reserved = 0;
  #taken = 0;

  constructor({ bytes, kept }: BudgetOptions) {
    this.bytes = bytes;
    this.kept = kept;
  }

  get used(): number {
    return this.#reserved + this.#taken;
  }

  /** Bytes that can still be lent. */
  get left(): number {
    return this.bytes - Math.max(this.kept, this.#reserved) - this.#taken;
  }

  /** A new holding of the budget, empty at first. */
  holding({ part = 1 / 4 }: AllocationOptions = {}): Allocation {
    return new Allocation(this, part, (reserved, taken) => {
      this.#reserved += reserved;
      this.#taken += taken;
    });
  }
}

/** The bytes of a budget that one peer, or one queue, holds. */
export class Allocation {
  readonly #budget: Budget;
  readonly #part: number;
  readonly #add: (reserved: number, taken: number) => void;
  #reserved = 0;
  #taken = 0;
  #released = false;

  /** Made by `Budget.holding`. */
  constructor(budget: Budget, part: number, add: (reserved: number, taken: number) => void) {
    this.#budget = budget;
    this.#part = part;
    this.#add = add;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#reserved + this.#taken;
  }

  /** Reserves bytes until `release`, if enough are left. Returns whether it did. */
  reserve(bytes: number): boolean {
    if (this.#released || this.#budget.used + bytes > this.#budget.bytes) return false;
    this.#reserved += bytes;
    this.#add(bytes, 0);
    return true;
  }

  /** Borrows bytes, if its share allows it. Returns whether it did. */
  take(bytes: number): boolean {
    if (this.#released || this.#taken + bytes > this.#budget.left * this.#part) return false;
    this.#taken += bytes;
    this.#add(0, bytes);
    return true;
  }

  /** Returns borrowed bytes. */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#taken);
    this.#taken -= given;
    this.#add(0, -given);
  }

  /** Returns all bytes; afterwards the holding gets no more. */
  release(): void {
    this.#released = true;
    this.#add(-this.#reserved, -this.#taken);
    this.#reserved = 0;
    this.#taken = 0;
  }
}
