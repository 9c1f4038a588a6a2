import { ApiError, NetworkError, TimeLimitError } from "../../api/kube/errors.ts";
import { CallTimeoutError, DisconnectedError } from "../../node-libvirt/src/index.ts";

const classes = [DisconnectedError, CallTimeoutError, NetworkError, TimeLimitError, ApiError];

/**
 * Whether an error, or one that it came from, means that libvirt or the API server was out of reach or had no answer:
 * nothing is wrong with the instance then.
 */
export function isUnreachable(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (classes.some((one) => at instanceof one)) return true;
  }
  return false;
}
