import type { KubeClient } from "../client/client.ts";
import { ApiError, LeadershipLostError } from "../client/errors.ts";
import { backoffDelay } from "../controller/backoff.ts";
import { type Log, noLog } from "../log.ts";
import { sleep } from "../sleep.ts";
import { LeaseLock, type LeaseOptions } from "./lease.ts";

/** Times are in milliseconds. Each is a third shorter than the one before it, which leaves two more tries. */
export interface LeaderOptions extends Omit<LeaseOptions, "leaseSeconds"> {
  /** Seconds that others wait after the last renewal; 30 by default. */
  readonly leaseSeconds?: number;
  /** A leader that could not renew for this long steps down; two thirds of the lease by default. */
  readonly renewDeadline?: number;
  /** How often a leader renews; a third of the lease by default: 6 writes a minute. */
  readonly renewEvery?: number;
  readonly log?: Log;
}

/**
 * Waits for leadership, then does the work. The work's signal is aborted when `signal` is, or when leadership is lost: it
 * then has the rest of the lease, a third, to stop. Resolves when the work has ended and the Lease is released; throws
 * LeadershipLostError when it could not be renewed, the signal's reason when that came before leadership, and what the
 * work throws.
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
  // Goes on while the work winds down, so that nobody else begins before it is done.
  const renewing = keep(lock, acquired, { renewDeadline, renewEvery }, ended.signal).catch((error: unknown) => {
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

/** Waits until the Lease is free and takes it. Resolves to the time when that began. */
async function acquire(
  lock: LeaseLock,
  timeLimit: number,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<number> {
  for (let failures = 1; ; failures += 1) {
    try {
      await lock.read(signal);
      // Follows it while each change comes by itself; what a watch does not tell is read.
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

/** Waits until the Lease changes or is over; resolves to `false` when neither came and it should be read again. */
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

/** Renews until the signal is aborted; throws LeadershipLostError when it is somebody else's, or the deadline passed. */
async function keep(
  lock: LeaseLock,
  acquired: number,
  { renewDeadline, renewEvery }: { renewDeadline: number; renewEvery: number },
  signal: AbortSignal,
): Promise<never> {
  // Counted from before the request: what counts is when others saw it.
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

/** Renews once. An earlier try may have come through after all: what conflicts is read before it is judged. */
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
