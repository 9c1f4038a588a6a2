import { ApiError, NetworkError, TimeLimitError } from "../../../api/kube/client/errors.ts";
import { CallTimeoutError, DisconnectedError } from "../../../node-libvirt/src/index.ts";

const classes = [DisconnectedError, CallTimeoutError, NetworkError, TimeLimitError, ApiError];

/** Status codes for a wrong request (malformed, too large, invalid), which fails again when repeated. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * Whether an error, or one of its causes, means that libvirt or the API server was unreachable or did not answer. Such
 * an error does not mean that something is wrong with the instance.
 */
export function isUnreachable(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApiError && refusals.has(at.code)) return false;
    if (classes.some((one) => at instanceof one)) return true;
  }
  return false;
}
