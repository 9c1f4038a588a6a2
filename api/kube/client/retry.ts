import { ApiError, NetworkError } from "./errors.ts";

/** The temporary failures of a connection; a wrong name or certificate is not one. */
const passing: ReadonlySet<string | undefined> = new Set(["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN"]);

/** The longest wait between two attempts, in milliseconds; if a server asks for more, the caller gets the error. */
const longestWait = 30_000;

/**
 * Milliseconds to wait before a failed request is sent again; `undefined` when it must not be repeated: the server may
 * have acted on it, or would answer the same again.
 *
 * @param failures the number of failures, including this one
 */
export function retryDelay(error: unknown, failures: number, random: () => number = Math.random): number | undefined {
  if (error instanceof ApiError) {
    // With Retry-After the server says that it did nothing: it is overloaded, or not up yet.
    const asked = error.code === 429 || error.code === 503 ? error.retryAfter : undefined;
    // With a random part, since many clients get the same number.
    return asked === undefined || asked > longestWait ? undefined : asked * (1 + random() / 4);
  }
  if (error instanceof NetworkError && !error.sent && passing.has(error.code))
    return 100 * 2 ** (failures - 1) * (0.5 + random() / 2);
  return undefined;
}
