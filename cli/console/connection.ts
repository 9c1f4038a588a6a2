import type { WebSocket } from "ws";
import type { Keyboard } from "./keyboard.ts";
import type { ShownOutput } from "./shown-output.ts";

/** How a connection ended: the close frame's code (1006 is none) and reason. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** Bytes of input on their way to the server beyond which no more is taken from the keyboard. */
const mostInFlight = 256 * 1024;

/** Milliseconds between our pings; a server that answers none of two in a row is gone, as after a laptop slept. */
const pingInterval = 15_000;

export interface ConnectionOptions {
  keyboard: Keyboard | undefined;
  /** Whether what is typed is dropped: a watcher's keyboard is only listened to for the escape character. */
  readOnly: boolean;
  output: NodeJS.WritableStream;
  seen: ShownOutput;
  /** Whether the first message may be a replay of what was shown already. */
  replayed: boolean;
  /** Told of what is shown; `replay` is whether it is older than the connection. */
  onOutput: (bytes: Buffer, replay: boolean) => void;
}

/** Passes bytes both ways, at the pace of the slower side, until the websocket closes. It must come paused. */
export function passOn(socket: WebSocket, options: ConnectionOptions): Promise<Closed> {
  const { keyboard, readOnly, output, seen, replayed, onOutput } = options;
  const { promise, resolve } = Promise.withResolvers<Closed>();
  let first = true;
  let unanswered = 0;
  const ping = setInterval(() => {
    // What we do not read holds no answers either.
    if (socket.isPaused) return;
    if (unanswered >= 2) socket.terminate();
    unanswered += 1;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, pingInterval);
  const resume = (): void => socket.resume();
  socket.on("pong", () => (unanswered = 0));
  socket.on("message", (data) => {
    unanswered = 0;
    const all = bytesOf(data);
    const replay = first;
    const bytes = first && replayed ? seen.newOf(all) : all;
    first = false;
    if (bytes.length === 0) return;
    seen.push(bytes);
    if (!output.write(bytes)) {
      socket.pause();
      output.once("drain", resume);
    }
    onOutput(bytes, replay);
  });
  socket.on("close", (code, reason) => {
    clearInterval(ping);
    output.off("drain", resume);
    keyboard?.disconnect();
    resolve({ code, reason: reason.toString("utf8") });
  });
  const type = (bytes: Buffer): boolean => {
    socket.send(bytes, { binary: true }, () => {
      if (socket.bufferedAmount < mostInFlight) keyboard?.resume();
    });
    return socket.bufferedAmount < mostInFlight;
  };
  keyboard?.connect(readOnly ? undefined : type);
  socket.resume();
  return promise;
}

/** Closes a websocket after all that was sent, and does not wait long for the other side to agree. */
export async function hangUp(socket: WebSocket): Promise<void> {
  if (socket.readyState === socket.CLOSED) return;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.resume();
  socket.close(1000);
  const timer = setTimeout(() => socket.terminate(), 1000);
  await closed;
  clearTimeout(timer);
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
