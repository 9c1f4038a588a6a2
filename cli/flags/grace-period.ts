import { Failure } from "../failure.ts";

/**
 * Returns the guest's grace period in seconds from the flags `--grace-period` and `--force`; `undefined` keeps the
 * instance's own. Throws Failure, in kubectl's words, if the two contradict each other.
 */
export function graceSeconds({ gracePeriod, force }: { gracePeriod?: number; force?: boolean }): number | undefined {
  if (force && gracePeriod !== undefined && gracePeriod > 0) {
    throw new Failure("--force and --grace-period greater than 0 cannot be specified together");
  }
  return force ? 0 : gracePeriod;
}
