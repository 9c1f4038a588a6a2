import type { Server } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** Milliseconds that each client of our servers has for its part. */
export const timeLimits = {
  /** For the TLS handshake. */
  handshakeTimeout: 10_000,
  /** For the headers of a request. */
  headersTimeout: 10_000,
  /** For the whole request, with its body. */
  requestTimeout: 30_000,
  /** Interval at which Node checks the two limits above. */
  connectionsCheckingInterval: 2000,
} as const;

/** Most connections at one time from clients that have not shown a certificate that the server trusts. */
export const maxUntrustedConnections = 64;

/**
 * Limits the connections of clients without a trusted certificate. The kubelet and Prometheus ask for health and
 * metrics without one, and are quickly done; but every client that reaches the port can connect. Above the limit the
 * oldest connection ends, so a client that keeps connections open cannot keep others out.
 */
export function limitUntrustedConnections(server: Server, most = maxUntrustedConnections): void {
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

/** An id of the peer, the same for the TLS socket and the TCP socket below it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
