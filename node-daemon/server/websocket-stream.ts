import { type Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RawData, WebSocket } from "ws";
import { closeCode } from "../relay/close-code.ts";
import type { WebSockets } from "./websockets.ts";

/** How long the other end of a stream may take for the rest of what a client sent before it went, in milliseconds. */
const restLimit = 5000;

/** The bytes of a message. */
export function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** What a websocket's client sends, until it is closed. A reader that is slow holds the client back. */
export function readableOf(websocket: WebSocket): Readable {
  const readable = new Readable({ read: () => websocket.resume() });
  websocket.on("message", (data, isBinary) => {
    if (isBinary && !readable.push(bytesOf(data))) websocket.pause();
  });
  websocket.on("close", () => readable.push(null));
  return readable;
}

/** The way to a websocket's client, which holds the writer back when it is slow. Its end does not close the websocket. */
export function writableOf(websockets: WebSockets, websocket: WebSocket): Writable {
  return new Writable({
    write: (bytes: Buffer, _, done) => websockets.send(websocket, bytes, () => done()),
  });
}

/**
 * Joins a websocket to a stream until either ends. When the stream ends the client is told `ended` by a close frame of
 * code 1000, when it breaks by one of code 1011 with the reason.
 */
export async function relay(
  websockets: WebSockets,
  websocket: WebSocket,
  stream: Duplex,
  ended: string,
): Promise<void> {
  // Why it ended is told by the other direction.
  const up = pipeline(readableOf(websocket), stream).catch(() => {});
  websocket.on("close", () => {
    const timer = setTimeout(() => stream.destroy(), restLimit);
    void up.finally(() => {
      clearTimeout(timer);
      stream.destroy();
    });
  });
  try {
    await pipeline(stream, writableOf(websockets, websocket));
    websockets.close(websocket, closeCode.normal, ended);
  } catch (error) {
    websockets.close(websocket, closeCode.internalError, error instanceof Error ? error.message : String(error));
  }
}
