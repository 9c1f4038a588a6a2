/** What takes a stream's data piece by piece; until its promise resolves, the piece is its own and no other comes. */
export type Handler<T> = (piece: T) => void | Promise<void>;

/** The socket behind a stream, which is held while a handler is busy. */
export interface Held {
  pause(): void;
  resume(): void;
}

/**
 * Hands pieces to a handler one after the other. While it is busy nothing more is received, so that the memory of its
 * piece stays as it is.
 */
export class Receiver<T> {
  readonly #handler: Handler<T>;
  readonly #held: Held;
  readonly #fail: (error: unknown) => void;
  readonly #waiting: T[] = [];
  #busy = false;
  #idle: (() => void) | undefined;

  /** `fail` hears what the handler throws; nothing more is handed over after. */
  constructor(handler: Handler<T>, held: Held, fail: (error: unknown) => void) {
    this.#handler = handler;
    this.#held = held;
    this.#fail = fail;
  }

  /** Whether the handler is at work, and the socket must stay as it is. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Hands a piece over, or keeps it until its turn comes. */
  take(piece: T): void {
    if (this.#busy) this.#waiting.push(piece);
    else this.#hand(piece);
  }

  /** Calls back when all has been handed over and dealt with. */
  whenIdle(idle: () => void): void {
    if (this.#busy) this.#idle = idle;
    else idle();
  }

  #hand(piece: T): void {
    try {
      const work = this.#handler(piece);
      if (!work) return;
      this.#busy = true;
      this.#held.pause();
      work.then(() => this.#next(), this.#fail);
    } catch (error) {
      // Stays busy for good: what else has arrived is not for a handler that has failed.
      this.#busy = true;
      this.#fail(error);
    }
  }

  #next(): void {
    this.#busy = false;
    while (!this.#busy) {
      const piece = this.#waiting.shift();
      if (piece === undefined) break;
      this.#hand(piece);
    }
    if (this.#busy) return;
    this.#held.resume();
    this.#idle?.();
  }
}
