/** The code of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Undefined in place of what is gone; throws every other error again. */
export function orUndefined(error: unknown): undefined {
  if (!isGone(error)) throw error;
  return undefined;
}

/** Whether an error says that what was meant is not there: a file, or a process. */
export function isGone(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ESRCH";
}
