export interface BackoffOptions {
  /** The first delay in milliseconds. */
  base: number;
  /** The longest. */
  max: number;
  /** Half of each delay is left to chance, so that those who failed together do not come again together. */
  random?: () => number;
}

/** The delay in milliseconds after a number of failures in a row, the first being 1: doubled each time. */
export function backoffDelay(failures: number, { base, max, random = Math.random }: BackoffOptions): number {
  const full = Math.min(max, base * 2 ** Math.min(failures - 1, 40));
  return full * (0.5 + random() / 2);
}
