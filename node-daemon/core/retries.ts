import { type BackoffOptions, backoffDelay } from "../../api/kube/controller/backoff.ts";

/** A failure with time to wait before the next attempt. */
export interface Waiting {
  /** Milliseconds; `Infinity` when every further attempt would fail in the same way. */
  readonly after: number;
  /** The error of the failed attempt. */
  readonly error: unknown;
}

interface Failure {
  readonly error: unknown;
  /** The key of the failed attempt. */
  readonly of: string;
  readonly count: number;
  /** The earliest time of the next attempt, in milliseconds of the clock that gives `now`. */
  readonly until: number;
}

/**
 * Decides when to repeat a failed attempt. A failure changes the status and the domain, and each change triggers a
 * reconcile: without this, failures would cause more failures. A restart of the daemon clears it, and tries once more.
 */
export class Retries {
  readonly #failures = new Map<string, Failure>();
  readonly #backoff: BackoffOptions;

  constructor(backoff: BackoffOptions) {
    this.#backoff = backoff;
  }

  /**
   * The failure that still delays the next attempt; `undefined` when it may start now. The outcome depends on `of`: a
   * new value of `of` ends the delay.
   */
  waiting(uid: string, of: string, now: number): Waiting | undefined {
    const failure = this.#failures.get(uid);
    return failure?.of === of && failure.until > now ? { after: failure.until - now, error: failure.error } : undefined;
  }

  /** Notes a failure; `forGood` means that the same attempt would always fail. */
  failed(uid: string, of: string, now: number, { forGood, error }: { forGood: boolean; error: unknown }): void {
    const last = this.#failures.get(uid);
    const count = last?.of === of ? last.count + 1 : 1;
    const until = forGood ? Number.POSITIVE_INFINITY : now + backoffDelay(count, this.#backoff);
    this.#failures.set(uid, { error, of, count, until });
  }

  /** Forgets the failures of an instance: it succeeded, or it no longer matters. */
  forget(uid: string): void {
    this.#failures.delete(uid);
  }
}
