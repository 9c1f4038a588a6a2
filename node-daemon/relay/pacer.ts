/**
 * Decides when to pass output on. The first output after a silence goes at once; output within the interval after it is
 * gathered. So a flood of tiny writes becomes a few frames, but a single character never waits. Answers to input go at
 * once too.
 */
export class Pacer {
  readonly #interval: () => number;
  readonly #answers: number;
  readonly #flush: () => void;
  #last = Number.NEGATIVE_INFINITY;
  /** Number of further outputs that count as answers to the last input. */
  #credit = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `interval` returns milliseconds; `answers` is the number of outputs after an input that go at once. */
  constructor(
    flush: () => void,
    { interval = () => 8, answers = 8 }: { interval?: () => number; answers?: number } = {},
  ) {
    this.#flush = flush;
    this.#interval = interval;
    this.#answers = answers;
  }

  /** Reports input: the next outputs are its answer. */
  input(): void {
    this.#credit = this.#answers;
  }

  /** Reports new output. */
  output(): void {
    if (this.#credit > 0) {
      this.#credit -= 1;
      this.flush();
      return;
    }
    if (this.#timer) return;
    const wait = this.#last + this.#interval() - performance.now();
    if (wait <= 0) this.flush();
    else this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** Passes on all gathered output. */
  flush(): void {
    this.end();
    this.#last = performance.now();
    this.#flush();
  }

  /** Stops the timer. Gathered output stays gathered. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
