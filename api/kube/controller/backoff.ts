export interface BackoffOptions {
  /** The first delay in milliseconds. */
  base: number;
  /** The longest. */
  max: number;
  /** Half of each delay is random, so that those who failed together do not retry together. */
  random?: () => number;
}

/** The delay in milliseconds after a number of failures in a row, beginning with 1. It doubles each time. */
export function backoffDelay(failures: number, { base, max, random = Math.random }: BackoffOptions): number {
  const full = Math.min(max, base * 2 ** Math.min(failures - 1, 40));
  return full * (0.5 + random() / 2);
}
