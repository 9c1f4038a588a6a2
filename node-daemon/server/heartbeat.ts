import type { WebSocket } from "ws";

/**
 * Pings every websocket it is given, so that nothing between takes an idle one for dead, and ends those that gave no
 * sign of life for several pings.
 */
export class Heartbeat {
  readonly #most: number;
  readonly #timer: NodeJS.Timeout;
  /** How many pings each has not answered. */
  readonly #unanswered = new Map<WebSocket, number>();

  /** Pings each `interval` milliseconds; after `most` without an answer the peer counts as dead. */
  constructor({ interval = 20_000, most = 3 }: { interval?: number; most?: number } = {}) {
    this.#most = most;
    this.#timer = setInterval(() => this.#beat(), interval).unref();
  }

  /** Pings a websocket until it is closed. */
  add(socket: WebSocket): void {
    this.#unanswered.set(socket, 0);
    const alive = (): void => this.alive(socket);
    socket.on("pong", alive);
    socket.on("message", alive);
    socket.on("close", () => this.#unanswered.delete(socket));
  }

  /** The peer gave a sign of life: it answered, sent, or took what was sent. */
  alive(socket: WebSocket): void {
    if (this.#unanswered.has(socket)) this.#unanswered.set(socket, 0);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#unanswered.clear();
  }

  #beat(): void {
    for (const [socket, unanswered] of this.#unanswered) {
      if (unanswered >= this.#most) {
        socket.terminate();
        continue;
      }
      // What is not read cannot answer: that is our doing, and no sign of death.
      if (!socket.isPaused) this.#unanswered.set(socket, unanswered + 1);
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}
