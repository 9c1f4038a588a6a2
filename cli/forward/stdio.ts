import { pipeline } from "node:stream/promises";
import { createWebSocketStream, type WebSocket } from "ws";
import { Failure } from "../failure.ts";
import type { Io } from "../io.ts";

/** Passes bytes between a websocket and standard input and output until the other side or the signal ends it. */
export async function forwardStdio(websocket: WebSocket, { stdin, stdout }: Io, signal: AbortSignal): Promise<void> {
  let said = "";
  websocket.once("close", (code, reason) => {
    if (code !== 1000 && code !== 1005) said = reason.toString("utf8") || `the connection was cut (code ${code})`;
  });
  const stream = createWebSocketStream(websocket);
  websocket.resume();
  // After the end of the input, the answer may still come.
  stdin.on("data", (bytes: Buffer) => {
    if (!stream.write(bytes)) {
      stdin.pause();
      stream.once("drain", () => stdin.resume());
    }
  });
  try {
    await pipeline(stream, stdout, { end: false });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    stdin.removeAllListeners("data");
    stdin.pause();
    websocket.close();
  }
  signal.throwIfAborted();
  if (said !== "") throw new Failure(said);
}
