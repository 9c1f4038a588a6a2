import { createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { createWebSocketStream, type WebSocket } from "ws";
import { Failure } from "../failure.ts";

/** A local port whose every connection is one to the screen. */
export interface Proxy {
  readonly port: number;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** 0 for any that is free. */
  port: number;
  /** Opens the way to the screen for one connection. */
  dial: (signal: AbortSignal) => Promise<WebSocket>;
  /** Told why a connection ended that should not have. */
  onError: (error: unknown) => void;
}

/** Listens on this machine alone. Throws Failure when the port is taken. */
export async function startProxy({ port, dial, onError }: ProxyOptions): Promise<Proxy> {
  const ended = new AbortController();
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => {});
    relay(socket, dial, ended.signal).catch((error: unknown) => {
      if (!ended.signal.aborted) onError(error);
    });
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("listening", resolve);
  server.once("error", reject);
  server.listen(port, "127.0.0.1");
  await promise.catch((cause: unknown) => {
    throw new Failure(`invalid argument "${port}" for "--port" flag: ${cause instanceof Error ? cause.message : ""}`, {
      cause,
    });
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: async () => {
      ended.abort();
      for (const socket of open) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Passes bytes both ways until one side ends. */
async function relay(socket: Socket, dial: ProxyOptions["dial"], signal: AbortSignal): Promise<void> {
  // A viewer that goes away while the other side is dialled.
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  let websocket: WebSocket | undefined;
  let said = "";
  try {
    websocket = await dial(AbortSignal.any([signal, gone.signal]));
    websocket.once("close", (code, reason) => {
      if (code !== 1000 && code !== 1005) said = reason.toString("utf8") || `the connection was cut (code ${code})`;
    });
    const stream = createWebSocketStream(websocket);
    websocket.resume();
    await pipeline(socket, stream, socket);
  } catch (error) {
    // A viewer that was closed is how it usually ends.
    if (!gone.signal.aborted && said === "") throw error;
  } finally {
    websocket?.close();
    socket.destroy();
  }
  if (said !== "" && !gone.signal.aborted) throw new Failure(said);
}
