import { type BackoffOptions, backoffDelay } from "../../api/kube/controller/backoff.ts";

/** A failure after which there is some time to wait. */
export interface Waiting {
  /** Milliseconds; `Infinity` when it would fail in the same way for ever. */
  readonly after: number;
  /** Why it failed. */
  readonly error: unknown;
}

interface Failure {
  readonly error: unknown;
  /** What the failure was about. */
  readonly of: string;
  readonly count: number;
  /** When it may be tried again, by the clock that `now` is of, in milliseconds. */
  readonly until: number;
}

/**
 * When what failed may be tried again. A failure changes the status and the domain, and each change has the instance
 * looked at: without this its failures would be as many as its changes. Lost with the daemon, which tries once more.
 */
export class Retries {
  readonly #failures = new Map<string, Failure>();
  readonly #backoff: BackoffOptions;

  constructor(backoff: BackoffOptions) {
    this.#backoff = backoff;
  }

  /**
   * The failure after which it is not yet tried again; `undefined` when it may be now. `of` is what the outcome depends on:
   * when that has changed, there is no waiting.
   */
  waiting(uid: string, of: string, now: number): Waiting | undefined {
    const failure = this.#failures.get(uid);
    return failure?.of === of && failure.until > now ? { after: failure.until - now, error: failure.error } : undefined;
  }

  /** It failed; `forGood` when the same again would fail in the same way. */
  failed(uid: string, of: string, now: number, { forGood, error }: { forGood: boolean; error: unknown }): void {
    const last = this.#failures.get(uid);
    const count = last?.of === of ? last.count + 1 : 1;
    const until = forGood ? Number.POSITIVE_INFINITY : now + backoffDelay(count, this.#backoff);
    this.#failures.set(uid, { error, of, count, until });
  }

  /** It did not fail, or is of no interest any more. */
  forget(uid: string): void {
    this.#failures.delete(uid);
  }
}
