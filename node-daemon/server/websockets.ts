import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { StatusError } from "../../api/serving/status-error.ts";
import { closeCode } from "../relay/close-code.ts";
import { Turns } from "../relay/turns.ts";
import { closeReason } from "./close-reason.ts";
import { Heartbeat } from "./heartbeat.ts";
import { defaultLimits } from "./limits.ts";

/** The only subprotocol: the bytes of the stream, unchanged. */
export const subprotocol = "plain.kubevirt.io";

export interface WebSocketOptions {
  /** The longest accepted message in bytes; 128 KiB by default. */
  maxPayload?: number;
  /** Most pieces of one message, as frames or as TLS pieces; 256 by default. */
  maxChunks?: number;
  /** Milliseconds between pings. */
  pingInterval?: number;
}

/** Accepts WebSocket requests, and manages the WebSockets. */
export class WebSockets {
  /** Turns for endless streams: one stream per round. */
  readonly turns = new Turns({ interval: 4, most: 1 });
  readonly #server: WebSocketServer;
  readonly #heartbeat: Heartbeat;

  constructor(options: WebSocketOptions = {}) {
    const { maxPayload, maxChunks } = { ...defaultLimits, ...options };
    const { pingInterval = 20_000 } = options;
    this.#server = new WebSocketServer({
      noServer: true,
      // Compression costs memory and time for each session, and the data is short or already compressed.
      perMessageDeflate: false,
      maxPayload,
      // Each piece has a memory overhead: a message of single bytes would take three hundred times its size.
      maxBufferedChunks: maxChunks,
      maxFragments: maxChunks,
      // The server also serves a client that offers no or only other subprotocols; the answer then selects none.
      handleProtocols: (offered) => offered.has(subprotocol) && subprotocol,
    });
    this.#heartbeat = new Heartbeat({ interval: pingInterval });
  }

  /**
   * Makes a WebSocket from a request. Text frames end it. `serve` gets it before any message. Throws a `StatusError`
   * when the request is malformed (it is answered already) or its client is gone.
   */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, serve: (websocket: WebSocket) => void): void {
    let served = false;
    this.#server.handleUpgrade(request, socket, head, (websocket) => {
      served = true;
      // The close event follows.
      websocket.on("error", () => {});
      websocket.on("message", (_, isBinary) => {
        if (!isBinary) websocket.close(closeCode.unsupported, "only binary frames are understood");
      });
      this.#heartbeat.add(websocket);
      serve(websocket);
    });
    if (!served) throw new StatusError(400, "the request is no handshake of a websocket");
  }

  /** Sends bytes as binary. Calls `sent` when they have left this process, or can never be sent. */
  send(websocket: WebSocket, bytes: Uint8Array, sent: () => void): void {
    websocket.send(bytes, { binary: true }, (error) => {
      if (!error) this.#heartbeat.alive(websocket);
      sent();
    });
  }

  /** Closes with a reason that the client may show. */
  close(websocket: WebSocket, code: number, reason: string): void {
    websocket.resume();
    websocket.close(code, closeReason(reason));
  }

  /** Closes with a reason for a client that reads now, and does not wait. */
  cut(websocket: WebSocket, code: number, reason: string): void {
    this.close(websocket, code, reason);
    // The close frame is already on its way if the client reads.
    setImmediate(() => websocket.terminate());
  }

  /** Closes all open WebSockets with the reason, waits for them, and terminates the rest after `limit` milliseconds. */
  async end(reason: string, limit: number): Promise<void> {
    const open = [...this.#server.clients];
    const closed = Promise.all(
      open.map(
        (websocket) =>
          new Promise<void>((resolve) => {
            if (websocket.readyState === websocket.CLOSED) resolve();
            else websocket.on("close", () => resolve());
          }),
      ),
    );
    for (const websocket of open) this.close(websocket, closeCode.goingAway, reason);
    const timer = setTimeout(() => {
      for (const websocket of open) websocket.terminate();
    }, limit);
    await closed;
    clearTimeout(timer);
    this.#heartbeat.end();
  }
}
