import { ApiError, NetworkError, TimeLimitError } from "../../../api/kube/client/errors.ts";
import { CallTimeoutError, DisconnectedError } from "../../../node-libvirt/src/index.ts";

const classes = [DisconnectedError, CallTimeoutError, NetworkError, TimeLimitError, ApiError];

/** The API server's answers that say that what was asked is wrong, and would be again: malformed, too large, invalid. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * Whether an error, or one that it came from, means that libvirt or the API server was out of reach or had no answer:
 * nothing is wrong with the instance then.
 */
export function isUnreachable(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApiError && refusals.has(at.code)) return false;
    if (classes.some((one) => at instanceof one)) return true;
  }
  return false;
}
