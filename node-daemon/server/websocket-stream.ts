import { type Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RawData, WebSocket } from "ws";
import { Allowance } from "../relay/allowance.ts";
import { closeCode } from "../relay/close-code.ts";
import type { WebSockets } from "./websockets.ts";

/** Milliseconds that the other end has for the rest of a client's data after the client has gone. */
const restLimit = 5000;

/**
 * Bytes that a stream carries each way before each further piece (at most 64 KiB) waits for its turn, and more bytes
 * each second. A screen's drawing or a page load goes at once. An endless stream goes at the pace of the turns, 20 MB/s
 * for all streams of a node together, because all share one event loop.
 */
const unpaced = { burst: 16 * 1024 ** 2, rate: 4 * 1024 ** 2 };

/** The cost of a message in bytes, besides its content. */
const ofMessage = 512;

/** The bytes of a message. */
export function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** The data from a WebSocket's client until the WebSocket closes. A slow reader slows the client down. */
export function readableOf({ turns }: WebSockets, websocket: WebSocket): Readable {
  const allowance = new Allowance(unpaced);
  // It continues when its turn comes and the reader wants more data.
  let waits = false;
  let full = false;
  const goOn = (): void => {
    if (!waits && !full) websocket.resume();
  };
  const read = (): void => {
    full = false;
    goOn();
  };
  const readable = new Readable({ read });
  websocket.on("message", (data, isBinary) => {
    if (!isBinary) return;
    const bytes = bytesOf(data);
    if (!waits && !allowance.take(bytes.length + ofMessage)) {
      waits = true;
      turns.wait(() => {
        waits = false;
        goOn();
      });
    }
    full = !readable.push(bytes);
    if (waits || full) websocket.pause();
  });
  websocket.on("close", () => readable.push(null));
  return readable;
}

/** The stream to a WebSocket's client. A slow client slows the writer down. Its end does not close the WebSocket. */
export function writableOf(websockets: WebSockets, websocket: WebSocket): Writable {
  const allowance = new Allowance(unpaced);
  return new Writable({
    write(bytes: Buffer, _, done) {
      const mayGoOn = allowance.take(bytes.length);
      websockets.send(websocket, bytes, () => (mayGoOn ? done() : websockets.turns.wait(() => done())));
    },
  });
}

/**
 * Connects a WebSocket to a stream until either ends. When the stream ends, the client gets `ended` in a close frame of
 * code 1000; when the stream fails, the error in one of code 1011.
 */
export async function relay(
  websockets: WebSockets,
  websocket: WebSocket,
  stream: Duplex,
  ended: string,
): Promise<void> {
  // The other direction reports the reason of the end.
  const up = pipeline(readableOf(websockets, websocket), stream).catch(() => {});
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
