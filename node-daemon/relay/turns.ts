export interface TurnsOptions {
  /** Milliseconds between two rounds; 1 by default, the shortest that a timer can wait. */
  interval?: number;
  /** Number of turns in each round; 4 by default. */
  most?: number;
}

/**
 * Shares this process's time between users that always have more work: each does a little and then waits for its next
 * turn, in order of arrival. Between the rounds, all other work can run.
 */
export class Turns {
  readonly #interval: number;
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ interval = 1, most = 4 }: TurnsOptions = {}) {
    this.#interval = interval;
    this.#most = most;
  }

  /** Calls back once, at its turn. */
  wait(turn: () => void): void {
    this.#waiting.push(turn);
    if (!this.#timer) this.#timer = setTimeout(() => this.#round(), this.#interval);
  }

  #round(): void {
    this.#timer = undefined;
    const turns = this.#waiting.splice(0, this.#most);
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#round(), this.#interval);
    for (const turn of turns) turn();
  }
}
