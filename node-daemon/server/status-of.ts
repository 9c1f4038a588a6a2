import { StatusError } from "../../api/serving/status-error.ts";

/** Any failure as the one that is told: what is no refusal is an internal error with the message of its causes. */
export function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const parts: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) parts.push(at.message || at.name);
  return new StatusError(500, parts.join(": ") || "something that is no error was thrown", { cause: error });
}
