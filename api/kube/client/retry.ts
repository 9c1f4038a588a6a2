import { ApiError, NetworkError } from "./errors.ts";

/** What keeps a connection from opening for a while; a wrong name or certificate does not pass. */
const passing: ReadonlySet<string | undefined> = new Set(["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN"]);

/** The longest wait between two attempts, in milliseconds; a server that asks for more gets its error shown. */
const longestWait = 30_000;

/**
 * How many milliseconds to wait before a failed request is sent again; `undefined` when it must not be: the server may
 * have acted on it, or would answer the same.
 *
 * @param failures how often it failed, counting this one
 */
export function retryDelay(error: unknown, failures: number, random: () => number = Math.random): number | undefined {
  if (error instanceof ApiError) {
    // With a Retry-After the server says that it did nothing: it is overloaded, or not up yet.
    const asked = error.code === 429 || error.code === 503 ? error.retryAfter : undefined;
    // Spread, since many clients were told the same.
    return asked === undefined || asked > longestWait ? undefined : asked * (1 + random() / 4);
  }
  if (error instanceof NetworkError && !error.sent && passing.has(error.code))
    return 100 * 2 ** (failures - 1) * (0.5 + random() / 2);
  return undefined;
}
