/** What an instance asks for cannot be done on this node, and no repetition mends it. The message names the field. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** Whether an error, or one that it came from, is such a refusal. */
export function isRefused(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof RefusedError) return true;
  return false;
}
