/** Takes a stream's data piece by piece. Until its promise resolves, it owns the piece, and no other piece comes. */
export type Handler<T> = (piece: T) => void | Promise<void>;

/** The socket behind a stream. It is paused while a handler is busy. */
export interface Held {
  pause(): void;
  resume(): void;
}

/**
 * Passes pieces to a handler one after the other. While the handler is busy, the socket receives nothing, so that the
 * piece's memory does not change.
 */
export class Receiver<T> {
  readonly #handler: Handler<T>;
  readonly #held: Held;
  readonly #fail: (error: unknown) => void;
  readonly #waiting: T[] = [];
  #busy = false;
  #idle: (() => void) | undefined;

  /** `fail` gets an error of the handler. After that, the handler gets no more pieces. */
  constructor(handler: Handler<T>, held: Held, fail: (error: unknown) => void) {
    this.#handler = handler;
    this.#held = held;
    this.#fail = fail;
  }

  /** Whether the handler is busy, so that the socket must stay paused. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Passes a piece on, or keeps it until its turn. */
  take(piece: T): void {
    if (this.#busy) this.#waiting.push(piece);
    else this.#hand(piece);
  }

  /** Calls back when the handler has finished all pieces. */
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
      // It stays busy: a failed handler gets no more of the data that has arrived.
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
