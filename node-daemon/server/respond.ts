import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { statusOf } from "./status-of.ts";

/** Answers with a complete body. */
export function respond(response: ServerResponse, code: number, type: string, body: string | Uint8Array): void {
  response.writeHead(code, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Answers with an error as `metav1.Status`. Cuts the connection if the answer has already begun. */
export function respondWithError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = statusOf(error);
  respond(response, status.code, "application/json", JSON.stringify(status));
}

/** Answers a WebSocket request with an error, and ends the connection. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  if (!socket.writable) return;
  const status = statusOf(error);
  const body = JSON.stringify(status);
  const head = [
    `HTTP/1.1 ${status.code} ${STATUS_CODES[status.code]}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
