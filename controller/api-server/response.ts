import { type IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiError } from "../../api/kube/client/errors.ts";
import type { Allocation } from "../../api/serving/budget.ts";
import { StatusError } from "../../api/serving/status-error.ts";

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: object): void {
  sendJsonText(response, status, JSON.stringify(value));
}

/** Answers with a JSON text, or with an empty body. */
export function sendJsonText(response: ServerResponse, status: number, text?: string): void {
  const body = text === undefined ? "" : `${text}\n`;
  response.writeHead(status, {
    ...(body === "" ? {} : { "content-type": "application/json" }),
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-cache, private",
  });
  response.end(body);
}

/** Answers with a JSON text, which the holding covers until the client has it or is gone. Throws a 429. */
export function sendHeld(
  response: ServerResponse,
  { status, text }: { readonly status: number; readonly text?: string },
  holding: Allocation,
): void {
  if (!holding.take(2 * (text?.length ?? 0))) {
    throw new StatusError(429, "too many answers wait for who reads them; try again later");
  }
  const { socket } = response.req;
  const release = (): void => {
    holding.release();
    socket.off("close", release);
  };
  response.once("close", release);
  // A pipelined response has no socket yet, so it gets no event when the connection ends.
  if (!response.socket) socket.once("close", release);
  sendJsonText(response, status, text);
}

/** Answers with text. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** Answers with a refusal or an error: a Status, or only its text. Returns the HTTP status that was sent. */
export function sendError(response: ServerResponse, error: unknown, form: "json" | "text" = "json"): number {
  const refusal = refusalOf(error);
  if (response.headersSent) response.destroy();
  else if (form === "text") sendText(response, refusal.code, `${refusal.message}\n`);
  else sendJson(response, refusal.code, refusal);
  return refusal.code;
}

/** An error in the form for clients. */
export function refusalOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof ApiError) {
    // The patch's test failed twice: another client keeps changing the object.
    const code = error.isInvalid ? 409 : error.code;
    const message = error.isInvalid ? `the object has changed meanwhile, try again: ${error.message}` : error.message;
    return new StatusError(code, message, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new StatusError(500, `Internal error occurred: ${message}`, { cause: error });
}

/** Forwards an answer of the daemon: its status, type and body. */
export async function forward(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const { statusCode = 502, headers } = answer;
  const kept = ["content-type", "content-length", "retry-after"].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  response.writeHead(statusCode, Object.fromEntries(kept));
  await pipeline(answer, response);
}

/** A response on the bare connection of a refused upgrade; the connection ends with it. */
export function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  if (socket instanceof Socket) response.assignSocket(socket);
  response.once("finish", () => socket.end());
  return response;
}
