import type { Server } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** Milliseconds within which every client of our servers has to do its part. */
export const timeLimits = {
  /** Until TLS is agreed on. */
  handshakeTimeout: 10_000,
  /** Until a request's headers are there. */
  headersTimeout: 10_000,
  /** Until all of a request is there, its body too. */
  requestTimeout: 30_000,
  /** How often the two are looked at. */
  connectionsCheckingInterval: 2000,
} as const;

/** How many connections a server has at once of clients that have shown no certificate that it trusts. */
export const mostStrangers = 64;

/**
 * Keeps few connections of clients that nobody knows: kubelet and Prometheus ask for health and metrics without a
 * certificate, and are done in a moment; so may everybody who reaches the port. Where there are too many the oldest
 * ends, so that who keeps connections open keeps out nobody.
 */
export function limitStrangers(server: Server, most = mostStrangers): void {
  const strangers = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const name = peerOf(socket);
    strangers.set(name, socket);
    socket.once("close", () => {
      if (strangers.get(name) === socket) strangers.delete(name);
    });
    const [oldest] = strangers;
    if (strangers.size <= most || !oldest) return;
    strangers.delete(oldest[0]);
    oldest[1].destroy();
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    if (socket.authorized) strangers.delete(peerOf(socket));
  });
}

/** The socket of TLS, and the one below it, are of the same peer. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
