import { ApiError } from "../kube/client/errors.ts";

/** An error and its causes in one sentence for people, without times and addresses: equal failures read the same. */
export function errorSentence(error: unknown): string {
  const parts: string[] = [];
  for (
    let at = error;
    at instanceof Error;
    at = at.cause instanceof Error && !parts.includes(at.cause.message) ? at.cause : undefined
  ) {
    if (at.message !== "" && !parts.some((part) => part.includes(at instanceof Error ? at.message : "")))
      parts.push(at.message);
  }
  const words = parts.join(": ") || String(error);
  return words
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?:? ?/g, "")
    .replaceAll(/domain-\d+-/g, "domain-")
    .slice(0, 1000);
}

/** Why the API server cannot be used, in one sentence. */
export function apiErrorSentence(error: unknown): string {
  return `the API server ${error instanceof ApiError ? "refuses" : "is out of reach"}: ${errorSentence(error)}`;
}
