/** This node cannot fulfil a request of the instance, and repeating does not help. The message names the field. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** Whether an error, or one of its causes, is a RefusedError. */
export function isRefused(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof RefusedError) return true;
  return false;
}
