/**
 * Exit codes of `run` and `exec` that are not the command's. A command may end with these too; only then nothing begins
 * with "error:" on standard error. They are the codes of timeout(1) and `docker run`.
 */
export const exitCodes = { timedOut: 124, failed: 125 } as const;
