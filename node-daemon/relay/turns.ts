export interface TurnsOptions {
  /** Milliseconds from a round with `most` turns to the next one; 1 by default, the shortest that a timer can wait. */
  interval?: number;
  /** Largest number of turns in a round; 4 by default. */
  most?: number;
}

/** After each input, rounds come less often: for this number of milliseconds, at this multiple of the interval. */
const giveWay = { time: 300, factor: 6 };

/**
 * Shares this process's time between users that always have more work: each does a little and then waits for its next
 * turn, in order of arrival. A round with fewer turns is followed sooner by the next one. Between the rounds, all other
 * work can run.
 */
export class Turns {
  readonly #interval: number;
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the next round may begin, as `performance.now()` tells. */
  #next = 0;
  #lastInput = Number.NEGATIVE_INFINITY;

  constructor({ interval = 1, most = 4 }: TurnsOptions = {}) {
    this.#interval = interval;
    this.#most = most;
  }

  /** Calls back once, at its turn. */
  wait(turn: () => void): void {
    this.#waiting.push(turn);
    if (!this.#timer) this.#setTimer();
  }

  /** Reports input, which somebody may wait to see echoed: for a moment, rounds give way. */
  input(): void {
    this.#lastInput = performance.now();
  }

  #setTimer(): void {
    const rest = Math.ceil(this.#next - performance.now());
    this.#timer = setTimeout(() => this.#round(), Math.max(1, rest));
  }

  #round(): void {
    this.#timer = undefined;
    const turns = this.#waiting.splice(0, this.#most);
    const now = performance.now();
    const interval = now - this.#lastInput < giveWay.time ? this.#interval * giveWay.factor : this.#interval;
    this.#next = now + (turns.length / this.#most) * interval;
    if (this.#waiting.length > 0) this.#setTimer();
    for (const turn of turns) turn();
  }
}
