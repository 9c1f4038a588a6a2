import { Failure } from "../failure.ts";

/**
 * The seconds that a guest may take to end, by the flags `--grace-period` and `--force`; what is not said is its own.
 * Throws Failure, in kubectl's words, where the two contradict each other.
 */
export function graceSeconds({ gracePeriod, force }: { gracePeriod?: number; force?: boolean }): number | undefined {
  if (force && gracePeriod !== undefined && gracePeriod > 0) {
    throw new Failure("--force and --grace-period greater than 0 cannot be specified together");
  }
  return force ? 0 : gracePeriod;
}
