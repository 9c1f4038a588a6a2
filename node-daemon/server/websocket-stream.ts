import { type Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RawData, WebSocket } from "ws";
import { Allowance } from "../relay/allowance.ts";
import { closeCode } from "../relay/close-code.ts";
import type { WebSockets } from "./websockets.ts";

/** How long the other end of a stream may take for the rest of what a client sent before it went, in milliseconds. */
const restLimit = 5000;

/**
 * How many bytes a stream carries each way before each piece more (64 KiB at most) waits for its turn, and how many each
 * second: what a screen draws and a page loads goes at once, what never ends goes at the pace of the turns, which is
 * 30 MB/s for all streams of a node together. The loop of events is everybody's.
 */
const unpaced = { burst: 16 * 1024 ** 2, rate: 4 * 1024 ** 2 };

/** What a message costs beside its bytes. */
const ofMessage = 512;

/** The bytes of a message. */
export function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** What a websocket's client sends, until it is closed. A reader that is slow holds the client back. */
export function readableOf({ turns }: WebSockets, websocket: WebSocket): Readable {
  const allowance = new Allowance(unpaced);
  // It reads on when it is its turn, and when somebody wants more.
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
    if (!waits && !allowance.use(bytes.length + ofMessage)) {
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

/** The way to a websocket's client, which holds the writer back when it is slow. Its end does not close the websocket. */
export function writableOf(websockets: WebSockets, websocket: WebSocket): Writable {
  const allowance = new Allowance(unpaced);
  return new Writable({
    write(bytes: Buffer, _, done) {
      const mayGoOn = allowance.use(bytes.length);
      websockets.send(websocket, bytes, () => (mayGoOn ? done() : websockets.turns.wait(() => done())));
    },
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
