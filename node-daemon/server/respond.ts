import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { statusOf } from "./status-of.ts";

/** Answers with a whole body. */
export function respond(response: ServerResponse, code: number, type: string, body: string | Uint8Array): void {
  response.writeHead(code, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Answers with a failure as `metav1.Status`; cuts the answer off when it has begun already. */
export function respondWithError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = statusOf(error);
  respond(response, status.code, "application/json", JSON.stringify(status));
}

/** Answers a request for a websocket with a failure, and ends the connection. */
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
