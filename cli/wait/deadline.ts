import { timerDelay } from "../flags/duration.ts";

/** Runs work with a signal that also aborts after some milliseconds (0 is never), with the error of `late`. */
export async function withDeadline<T>(
  signal: AbortSignal,
  milliseconds: number,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (milliseconds === 0) return work(signal);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late()), timerDelay(milliseconds));
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
