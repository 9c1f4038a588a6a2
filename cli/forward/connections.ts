import { createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { createWebSocketStream, type WebSocket } from "ws";
import { Failure } from "../failure.ts";

/** A local TCP port; each of its connections has a websocket of its own. */
export interface Proxy {
  readonly port: number;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** The address to listen on; by default only this computer can connect. */
  address?: string;
  /** 0 means any free port. */
  port: number;
  /** Opens the websocket of one connection. */
  dial: (signal: AbortSignal) => Promise<WebSocket>;
  /** Called with the error that ended a connection. */
  onError: (error: unknown) => void;
}

/** Listens on a local port. Throws Failure when the port is in use. */
export async function startProxy({ address: host = "127.0.0.1", port, dial, onError }: ProxyOptions): Promise<Proxy> {
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
  server.listen(port, host);
  await promise.catch((cause: unknown) => {
    throw new Failure(`cannot listen on ${host}:${port}: ${cause instanceof Error ? cause.message : ""}`, { cause });
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
  // The local client may leave while the websocket opens.
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
    // Usually the local client ends the connection; that is no error.
    if (!gone.signal.aborted && said === "") throw error;
  } finally {
    websocket?.close();
    socket.destroy();
  }
  if (said !== "" && !gone.signal.aborted) throw new Failure(said);
}
