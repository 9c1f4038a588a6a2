import type { KubeClient } from "../client/client.ts";
import { ApiError, LeadershipLostError } from "../client/errors.ts";
import { backoffDelay } from "../controller/backoff.ts";
import { type Log, noLog } from "../log.ts";
import { sleep } from "../sleep.ts";
import { LeaseLock, type LeaseOptions } from "./lease.ts";

/** Times are in milliseconds. Each is a third of the lease shorter than the one before, for two more tries. */
export interface LeaderOptions extends Omit<LeaseOptions, "leaseSeconds"> {
  /** Seconds that other candidates wait after the last renewal; 30 by default. */
  readonly leaseSeconds?: number;
  /** A leader that could not renew for this long stops leading; two thirds of the lease by default. */
  readonly renewDeadline?: number;
  /** Interval of a leader's renewals; a third of the lease by default: 6 writes a minute. */
  readonly renewEvery?: number;
  readonly log?: Log;
}

/**
 * Waits for leadership, then does the work. The work's signal is aborted together with `signal`, or when leadership is
 * lost. In the latter case the work has the rest of the lease, a third, to stop. Resolves when the work has ended and
 * the Lease is released. Throws LeadershipLostError when the Lease could not be renewed, the signal's reason if it is
 * aborted before leadership, and the work's errors.
 */
export async function lead(
  client: KubeClient,
  { leaseSeconds = 30, log = noLog, ...options }: LeaderOptions,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { renewDeadline = (leaseSeconds * 2000) / 3, renewEvery = (leaseSeconds * 1000) / 3 } = options;
  const fields = { lease: `${options.namespace}/${options.name}`, identity: options.identity };
  const lock = new LeaseLock(client, { ...options, leaseSeconds });
  const acquired = await acquire(lock, renewDeadline, signal, (error) =>
    log("warn", "no leader yet", { ...fields, error }),
  );
  log("info", "leading", fields);

  const lost = new AbortController();
  const ended = new AbortController();
  // Renewing continues while the work stops, so that no other candidate begins before that.
  const renewing = keepRenewing(lock, acquired, { renewDeadline, renewEvery }, ended.signal).catch((error: unknown) => {
    if (ended.signal.aborted) return;
    log("error", "leadership lost", { ...fields, error });
    lost.abort(error);
  });
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    ended.abort();
    await renewing;
    if (!lost.signal.aborted) {
      await lock.release(Math.min(5000, renewDeadline)).then(
        () => log("info", "leadership released", fields),
        (error: unknown) => log("warn", "leadership not released", { ...fields, error }),
      );
    }
  }
  lost.signal.throwIfAborted();
}

/** Waits until the Lease is free and takes it. Resolves to the time at which the taking began. */
async function acquire(
  lock: LeaseLock,
  timeLimit: number,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<number> {
  for (let failures = 1; ; failures += 1) {
    try {
      await lock.read(signal);
      // Follows the watch while changes arrive; reads the Lease when the watch has ended without a change.
      for (let follow = true; follow; ) {
        if (lock.freeIn <= 0) {
          const started = performance.now();
          await lock.take(signal, timeLimit);
          return started;
        }
        follow = await changed(lock, signal);
        if (follow) failures = 1;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError) || error.code !== 409) onError(error);
    }
    await sleep(backoffDelay(failures, { base: 500, max: 5000 }), signal);
  }
}

/** Waits until the Lease changes or expires. Resolves to `false` if neither happened: then read it again. */
async function changed(lock: LeaseLock, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), Math.max(0, lock.freeIn));
  try {
    return await lock.changed(AbortSignal.any([signal, over.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (over.signal.aborted) return true;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Renews until the signal is aborted. Throws LeadershipLostError after the deadline, or if another one has it. */
async function keepRenewing(
  lock: LeaseLock,
  acquired: number,
  { renewDeadline, renewEvery }: { renewDeadline: number; renewEvery: number },
  signal: AbortSignal,
): Promise<never> {
  // Time counts from before the request, since other candidates may have seen the renewal at any time after that.
  let renewed = acquired;
  let cause: unknown;
  for (let wait = renewEvery; ; ) {
    await sleep(wait, signal);
    const started = performance.now();
    const left = renewed + renewDeadline - started;
    if (left <= 0) throw new LeadershipLostError(`not renewed for ${renewDeadline / 1000} s`, { cause });
    try {
      await attempt(lock, signal, Math.min(left, renewEvery / 2));
      renewed = started;
      wait = renewEvery;
    } catch (error) {
      if (error instanceof LeadershipLostError) throw error;
      signal.throwIfAborted();
      cause = error;
      wait = Math.max(0, Math.min(renewEvery / 5, renewed + renewDeadline - performance.now()));
    }
  }
}

/** Renews once. An earlier try may have succeeded after all, so it reads the Lease after a conflict. */
async function attempt(lock: LeaseLock, signal: AbortSignal, timeLimit: number): Promise<void> {
  try {
    await lock.renew(signal, timeLimit);
  } catch (error) {
    if (!(error instanceof ApiError) || (!error.isConflict && !error.isNotFound)) throw error;
    await lock.read(signal, timeLimit);
    if (!lock.isOurs) {
      throw new LeadershipLostError(`the Lease is ${lock.holder ? `held by ${lock.holder}` : "free"}`, {
        cause: error,
      });
    }
    await lock.renew(signal, timeLimit);
  }
}
