import type { IncomingMessage } from "node:http";
import { ApiError, NetworkError, ProtocolError, type Status, TimeLimitError } from "./errors.ts";

/** Reads an answer's body to its end. Throws NetworkError when the answer breaks off, or its TimeLimitError. */
export async function bodyOf(answer: IncomingMessage, signal?: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof TimeLimitError) throw cause;
    throw new NetworkError("the answer broke off", { sent: true, cause });
  }
  return Buffer.concat(chunks);
}

/** The error for a text that should be JSON but is not. */
export function notJson(text: string, what: string, cause: unknown): ProtocolError {
  return new ProtocolError(`${what} is no JSON: ${text.slice(0, 200)}`, { cause });
}

/** The error for an answer with a status of 400 or more. */
export function apiError(answer: IncomingMessage, body: string): ApiError {
  const code = answer.statusCode ?? 0;
  const seconds = Number(answer.headers["retry-after"]);
  return new ApiError(code, statusOf(body, code), Number.isFinite(seconds) ? seconds * 1000 : undefined);
}

/** The Status in a body; the body may also be plain text from a proxy or an extension server. */
function statusOf(body: string, code: number): Status {
  try {
    const value: Status & { kind?: string } = JSON.parse(body);
    if (value !== null && typeof value === "object" && value.kind === "Status") return value;
  } catch {
    // Not JSON: the text itself is the message.
  }
  return { code, message: body.trim().slice(0, 2000) };
}
