import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { type Duplex, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StatusError } from "../../api/serving/status-error.ts";
import type { Upgraded } from "./daemon-client.ts";
import { closeFrame, FrameBoundary } from "./frame-boundary.ts";
import { badRequest } from "./refusals.ts";

/** The sub-protocol of all our websockets. */
const protocol = "plain.kubevirt.io";

/** Milliseconds that a client has to close its side after ours. */
const goodbye = 5000;

/** Bytes that may wait between the daemon and the client, beside the buffers of their sockets. */
const highWaterMark = 16 * 1024;

/** Aborts a relay to make room for others. The client gets the message, and the relay does not wait for it. */
export class Displaced extends Error {
  override readonly name = "Displaced";
}

/**
 * The headers for forwarding a client's upgrade to the daemon. Throws a 426 without an upgrade, and a 400 for a bad
 * one. Extensions are left out, so that nothing is compressed. Origin does not matter: the client was authenticated
 * with credentials that a foreign web page does not have.
 */
export function upgradeHeaders({ headers }: IncomingMessage): Record<string, string> {
  if (headers.upgrade?.toLowerCase() !== "websocket") throw new StatusError(426, "a websocket is needed here");
  const key = headers["sec-websocket-key"];
  if (!key || !/^[+/0-9A-Za-z]{22}==$/.test(key)) throw badRequest("Sec-WebSocket-Key is missing or not valid");
  if (headers["sec-websocket-version"] !== "13") throw badRequest("Sec-WebSocket-Version is not 13");
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
  return {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": key,
    "sec-websocket-version": "13",
    ...(offered.includes(protocol) ? { "sec-websocket-protocol": protocol } : {}),
  };
}

/**
 * Copies a websocket's bytes between the client and the daemon, and resolves when both sides are closed. Pings, close
 * codes and back-pressure come from the two ends. When the daemon disappears, or the signal is aborted, the relay sends
 * the client a close frame.
 */
export async function relayWebSocket(
  { client, head }: { client: Duplex; head: Buffer },
  { answer, socket: daemon, head: first }: Upgraded,
  signal: AbortSignal,
): Promise<void> {
  for (const socket of [client, daemon]) {
    // Send each keystroke at once, not when a packet is full; and detect dead peers.
    if (socket instanceof Socket) socket.setNoDelay(true).setKeepAlive(true, 30_000).setTimeout(0);
    socket.on("error", () => {});
  }
  const boundary = new FrameBoundary();
  const follow = new Transform({
    highWaterMark,
    transform(chunk: Buffer, _encoding, done) {
      boundary.push(chunk);
      done(null, chunk);
    },
  });
  const shutDown = (): void => {
    const { reason } = signal;
    if (reason instanceof Displaced) {
      farewell(client, boundary, 1013, reason.message);
      // If the client reads, the close frame is already on its way.
      setImmediate(() => client.destroy());
    } else farewell(client, boundary, 1001, "the API server is going away; connect again");
    daemon.destroy();
  };
  client.write(switching(answer));
  if (first.length > 0) follow.write(first);
  if (head.length > 0) daemon.write(head);
  const upward = pipeline(client, daemon).catch(() => daemon.destroy());
  const downward = pipeline(daemon, follow, client, { end: false }).catch(() => {});
  if (signal.aborted) shutDown();
  signal.addEventListener("abort", shutDown, { once: true });
  try {
    await downward;
    farewell(client, boundary, 1011, "the connection to the node was lost");
    await upward;
  } finally {
    signal.removeEventListener("abort", shutDown);
  }
}

/** Ends the client's side, with a close frame unless one was sent or a frame is incomplete. */
function farewell(client: Duplex, boundary: FrameBoundary, code: number, reason: string): void {
  if (client.destroyed || client.writableEnded) return;
  if (boundary.closed || !boundary.whole) client.end();
  else client.end(closeFrame(code, reason));
  const timer = setTimeout(() => client.destroy(), goodbye);
  client.once("close", () => clearTimeout(timer));
}

/** The head of the response that switches the client's connection. */
function switching({ headers }: IncomingMessage): string {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${headers["sec-websocket-accept"] ?? ""}`,
  ];
  const chosen = headers["sec-websocket-protocol"];
  if (chosen) lines.push(`Sec-WebSocket-Protocol: ${chosen}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
