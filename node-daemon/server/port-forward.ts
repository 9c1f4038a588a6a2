import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect, isIPv6 } from "node:net";
import type { WebSocket } from "ws";
import type { Allocation } from "../../api/serving/budget.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import { closeCode } from "../relay/close-code.ts";
import { dial } from "./dial.ts";
import type { Session } from "./session.ts";
import { bytesOf, relay } from "./websocket-stream.ts";
import type { WebSockets } from "./websockets.ts";

/** Most bytes of datagrams on their way to a client; more are dropped, as in a network. */
const mostInFlight = 1024 ** 2;

/** Most bytes of datagrams that wait for the guest; more are dropped, too. */
const mostQueued = 128 * 1024;

/** A waiting datagram is in memory twice, plain and encrypted by TLS, plus an overhead that counts for small ones. */
const costOf = (datagram: Buffer): number => 2 * datagram.length + 512;

/** Serves a port of the guest: TCP as a stream of bytes, or UDP with one datagram per frame. */
export async function servePortForward(
  { instance, websockets, metrics, holding, gone, accept }: Session,
  { port, protocol }: { port: number; protocol: "tcp" | "udp" },
): Promise<void> {
  const { phase, paused } = instance;
  if (phase !== "Running") throw new StatusError(409, "VMI is not running");
  if (paused) throw new StatusError(409, "VMI is paused");
  const address = await instance.address(gone);
  if (address === undefined) throw new StatusError(400, "VMI has no network interface on the pods' network");
  const name = `port ${port}/${protocol} of the instance`;
  gone.addEventListener("abort", metrics.portForwards.open(instance));
  if (protocol === "tcp") {
    const guest = await dial(connect({ host: address, port, noDelay: true, keepAlive: true }), name, gone);
    try {
      accept((websocket) => void relay(websockets, websocket, guest, "the guest has closed the connection"));
    } catch (error) {
      guest.destroy();
      throw error;
    }
  } else {
    const guest = createSocket(isIPv6(address) ? "udp6" : "udp4");
    gone.addEventListener("abort", () => guest.close());
    guest.connect(port, address);
    await once(guest, "connect", { signal: gone });
    accept((websocket) => relayDatagrams({ websockets, websocket, holding }, guest, name));
  }
}

function relayDatagrams(
  { websockets, websocket, holding }: { websockets: WebSockets; websocket: WebSocket; holding: Allocation },
  guest: Socket,
  name: string,
): void {
  let inFlight = 0;
  guest.on("message", (datagram) => {
    const cost = costOf(datagram);
    if (inFlight + datagram.length > mostInFlight || !holding.take(cost)) return;
    inFlight += datagram.length;
    websockets.send(websocket, datagram, () => {
      inFlight -= datagram.length;
      holding.give(cost);
    });
  });
  guest.on("error", (error) => websockets.close(websocket, closeCode.internalError, `${name}: ${error.message}`));
  websocket.on("message", (data, isBinary) => {
    if (isBinary && guest.getSendQueueSize() < mostQueued) guest.send(bytesOf(data), () => {});
  });
}
