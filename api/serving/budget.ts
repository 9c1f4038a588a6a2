export interface BudgetOptions {
  /** How many bytes there are. */
  readonly bytes: number;
  /** How many of them are for reservations alone. */
  readonly kept: number;
}

export interface HoldingOptions {
  /** The part of what is left that it may have of it; a quarter by default. */
  readonly part?: number;
}

/**
 * The bytes that all of a program may keep for peers that are slow: one number, so that it can be compared with the
 * memory that the program has. Some are kept for reservations, as of connections. The rest is lent out, and who holds
 * much of it is refused first: no holder may have more than a quarter of what is left (the dynamic threshold of Choudhury
 * and Hahne, by which switches share their memory among queues). So nobody has to be ended for another's sake.
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

  /** How many bytes are left to be lent. */
  get left(): number {
    return this.bytes - Math.max(this.kept, this.#reserved) - this.#taken;
  }

  /** A part of it, which is empty at first. */
  holding({ part = 1 / 4 }: HoldingOptions = {}): Holding {
    return new Holding(this, part, (reserved, taken) => {
      this.#reserved += reserved;
      this.#taken += taken;
    });
  }
}

/** What one peer, or one queue, holds of a budget. */
export class Holding {
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

  /** How many bytes it holds. */
  get bytes(): number {
    return this.#reserved + this.#taken;
  }

  /** Holds bytes for as long as it lasts, if there are as many; returns whether. */
  reserve(bytes: number): boolean {
    if (this.#released || this.#budget.used + bytes > this.#budget.bytes) return false;
    this.#reserved += bytes;
    this.#add(bytes, 0);
    return true;
  }

  /** Borrows bytes, if its part allows it; returns whether. */
  take(bytes: number): boolean {
    if (this.#released || this.#taken + bytes > this.#budget.left * this.#part) return false;
    this.#taken += bytes;
    this.#add(0, bytes);
    return true;
  }

  /** Gives back bytes that were borrowed. */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#taken);
    this.#taken -= given;
    this.#add(0, -given);
  }

  /** Gives back all, and holds nothing from then on. */
  release(): void {
    this.#released = true;
    this.#add(-this.#reserved, -this.#taken);
    this.#reserved = 0;
    this.#taken = 0;
  }
}
