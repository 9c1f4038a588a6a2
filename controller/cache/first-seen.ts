import { LruMap } from "../../api/kube/controller/lru.ts";

/** Of how many things it is known since when; more than wait for their patience at a time. */
const most = 16_384;

/**
 * How long this controller has known of things, by a clock that nobody sets. How old an object is, the API server says by
 * another clock than ours: where the two differ by minutes, what waits for a second would never wait, or for minutes. A
 * cache: a controller that is started anew is patient anew.
 */
export class FirstSeen {
  readonly #since = new LruMap<number>(most);
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds since it was asked about something first; 0 when that is now, and when there is nothing. */
  age(thing: string | undefined): number {
    if (thing === undefined) return 0;
    const now = this.#now();
    return now - this.#since.getOrMake(thing, () => now);
  }
}
