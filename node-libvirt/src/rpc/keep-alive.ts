/** Options for the detection of a dead peer. */
export interface KeepAliveOptions {
  /** Milliseconds of silence before a ping; 5000 by default. */
  interval?: number;
  /** Number of unanswered pings after which the peer counts as frozen; 5 by default. */
  count?: number;
}

/**
 * Watches for signs of life; any received byte is one. Pings after each silent interval, and calls `dead` after `count`
 * pings in a row without an answer.
 */
export class KeepAlive {
  readonly #ping: () => void;
  readonly #dead: (silentFor: number) => void;
  readonly #interval: number;
  readonly #count: number;
  #heard = false;
  #unanswered = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { interval = 5000, count = 5 }: KeepAliveOptions,
    { ping, dead }: { ping: () => void; dead: (silentFor: number) => void },
  ) {
    this.#ping = ping;
    this.#dead = dead;
    this.#interval = interval;
    this.#count = count;
    this.start();
  }

  /** Notes that bytes were received. */
  heard(): void {
    this.#heard = true;
  }

  /** Restarts the watch, for example after a time in which the socket could not receive. */
  start(): void {
    this.stop();
    this.#heard = true;
    this.#unanswered = 0;
    this.#timer = setInterval(() => this.#tick(), this.#interval).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#unanswered = 0;
      return;
    }
    if (this.#unanswered >= this.#count) {
      this.stop();
      this.#dead(this.#interval * (this.#count + 1));
      return;
    }
    this.#unanswered++;
    this.#ping();
  }
}
