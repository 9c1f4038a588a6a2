export interface TurnsOptions {
  /** Milliseconds between two rounds; 1 by default, the least that a timer can wait. */
  interval?: number;
  /** How many have a turn in each round; 4 by default. */
  most?: number;
}

/**
 * Shares out the time of this process among those that always have more for it to do: each does a little and then waits
 * for its turn, in the order in which they came. What is done between the rounds is done for all others.
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

  /** Calls back, once, when it is its turn. */
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
