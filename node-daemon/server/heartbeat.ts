import type { WebSocket } from "ws";

/**
 * Pings every WebSocket, so that no proxy closes an idle one. Ends those that showed no sign of life for several pings.
 */
export class Heartbeat {
  readonly #most: number;
  readonly #timer: NodeJS.Timeout;
  /** Number of unanswered pings of each. */
  readonly #unanswered = new Map<WebSocket, number>();

  /** Pings every `interval` milliseconds. A peer with `most` unanswered pings counts as dead. */
  constructor({ interval = 20_000, most = 3 }: { interval?: number; most?: number } = {}) {
    this.#most = most;
    this.#timer = setInterval(() => this.#beat(), interval).unref();
  }

  /** Pings a WebSocket until it is closed. */
  add(socket: WebSocket): void {
    this.#unanswered.set(socket, 0);
    const alive = (): void => this.alive(socket);
    socket.on("pong", alive);
    socket.on("message", alive);
    socket.on("close", () => this.#unanswered.delete(socket));
  }

  /** Notes a sign of life of the peer: it answered, sent, or received data. */
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
      // A paused socket reads no answers, so the missing answer does not mean that the peer is dead.
      if (!socket.isPaused) this.#unanswered.set(socket, unanswered + 1);
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}
