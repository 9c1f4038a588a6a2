import { StatusError } from "../../api/serving/status-error.ts";

/** Turns any error into a StatusError. An unexpected error becomes code 500 with the messages of its causes. */
export function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const parts: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) parts.push(at.message || at.name);
  return new StatusError(500, parts.join(": ") || "something that is no error was thrown", { cause: error });
}
