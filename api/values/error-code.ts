/** The code of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Returns undefined when the error says that something is gone. Throws every other error again. */
export function undefinedIfGone(error: unknown): undefined {
  if (!isGone(error)) throw error;
  return undefined;
}

/** Whether an error says that a file or a process does not exist. */
export function isGone(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ESRCH";
}
