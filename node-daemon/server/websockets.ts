import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { StatusError } from "../../api/serving/status-error.ts";
import { closeCode } from "../relay/close-code.ts";
import { Turns } from "../relay/turns.ts";
import { closeReason } from "./close-reason.ts";
import { Heartbeat } from "./heartbeat.ts";
import { defaultLimits } from "./limits.ts";

/** The one subprotocol: the bytes of the stream as they are. */
export const subprotocol = "plain.kubevirt.io";

export interface WebSocketOptions {
  /** The longest message that is taken, in bytes; 128 KiB by default. */
  maxPayload?: number;
  /** How many pieces a message may come in, be they frames or what TLS makes of them; 256 by default. */
  maxChunks?: number;
  /** Milliseconds between pings. */
  pingInterval?: number;
}

/** Takes requests for websockets, and looks after what came of them. */
export class WebSockets {
  /** Of streams that never end: one has its turn each time. */
  readonly turns = new Turns({ interval: 2, most: 1 });
  readonly #server: WebSocketServer;
  readonly #heartbeat: Heartbeat;

  constructor(options: WebSocketOptions = {}) {
    const { maxPayload, maxChunks } = { ...defaultLimits, ...options };
    const { pingInterval = 20_000 } = options;
    this.#server = new WebSocketServer({
      noServer: true,
      // It costs memory and time for each session, and what passes is short or compressed already.
      perMessageDeflate: false,
      maxPayload,
      // Each piece takes memory beside its bytes: a message of single bytes would take three hundred times its size.
      maxBufferedChunks: maxChunks,
      maxFragments: maxChunks,
      // A client that offers none, or only others, is served all the same, and sees that none was chosen.
      handleProtocols: (offered) => offered.has(subprotocol) && subprotocol,
    });
    this.#heartbeat = new Heartbeat({ interval: pingInterval });
  }

  /**
   * Makes a websocket of a request. Text frames end it; `serve` gets it before any message. Throws a `StatusError` when
   * the request is malformed (it is answered already) or its client gone.
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

  /** Sends binary; `sent` is called when it has left this process, or never will. */
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

  /** Closes with a reason for whoever reads it now, and waits for nobody. */
  cut(websocket: WebSocket, code: number, reason: string): void {
    this.close(websocket, code, reason);
    // The close frame is on its way if the client reads.
    setImmediate(() => websocket.terminate());
  }

  /** Closes what is still open with the reason, waits until it is, and ends what takes longer than `limit` ms. */
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
