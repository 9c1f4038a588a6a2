/**
 * Says when to pass output on. The first output after a silence goes at once, what follows it within the interval is
 * gathered, so that a flood of tiny writes becomes a few frames while a lone character is never held up. The answers to
 * input go at once too.
 */
export class Pacer {
  readonly #interval: () => number;
  readonly #answers: number;
  readonly #flush: () => void;
  #last = Number.NEGATIVE_INFINITY;
  /** How many more outputs count as answers to the last input. */
  #credit = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `interval` tells milliseconds; `answers`: how many outputs after an input are passed on at once. */
  constructor(
    flush: () => void,
    { interval = () => 8, answers = 8 }: { interval?: () => number; answers?: number } = {},
  ) {
    this.#flush = flush;
    this.#interval = interval;
    this.#answers = answers;
  }

  /** There was input: what comes now is its answer. */
  input(): void {
    this.#credit = this.#answers;
  }

  /** There is output to be passed on. */
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

  /** Passes on what there is. */
  flush(): void {
    this.end();
    this.#last = performance.now();
    this.#flush();
  }

  /** Ends its timer; what was not passed on stays so. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
