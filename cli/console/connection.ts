import type { WebSocket } from "ws";
import type { Keyboard } from "./keyboard.ts";
import type { ShownOutput } from "./shown-output.ts";

/** How a connection ended: the close frame's code (1006 is none) and reason. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** Bytes of input on the way to the server; above this, the keyboard pauses. */
const mostInFlight = 256 * 1024;

/** Milliseconds between our pings. A server that misses two in a row is gone, as after a laptop's sleep. */
const pingInterval = 15_000;

export interface ConnectionOptions {
  keyboard: Keyboard | undefined;
  /** Whether to drop typed input: a watcher's keyboard serves only for the escape character. */
  readOnly: boolean;
  output: NodeJS.WritableStream;
  seen: ShownOutput;
  /** Whether the first message may repeat output that was already shown. */
  replayed: boolean;
  /** Called with shown output; `replay` says that the output is older than the connection. */
  onOutput: (bytes: Buffer, replay: boolean) => void;
}

/** Passes bytes both ways, at the pace of the slower side, until the websocket closes. The caller pauses it first. */
export function passOn(socket: WebSocket, options: ConnectionOptions): Promise<Closed> {
  const { keyboard, readOnly, output, seen, replayed, onOutput } = options;
  const { promise, resolve } = Promise.withResolvers<Closed>();
  let first = true;
  let unanswered = 0;
  const ping = setInterval(() => {
    // A paused socket delivers no pongs either.
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

/** Closes a websocket after the last message, and waits at most a second for the other side. */
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
