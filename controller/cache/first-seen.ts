import { LruMap } from "../../api/kube/controller/lru.ts";

/** The most things that are remembered; fewer wait for their time at once. */
const most = 16_384;

/**
 * How long this controller has known things, by a monotonic clock. An object's creation time is by the API server's
 * clock. If the two clocks differ by minutes, a wait of a second would be skipped, or last for minutes. This is only a
 * cache: after a restart, the controller's waits begin again.
 */
export class FirstSeen {
  readonly #since = new LruMap<number>(most);
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds since the first call for a thing; 0 for the first call, and for `undefined`. */
  age(thing: string | undefined): number {
    if (thing === undefined) return 0;
    const now = this.#now();
    return now - this.#since.getOrMake(thing, () => now);
  }
}
