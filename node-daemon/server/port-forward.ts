import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect, isIPv6 } from "node:net";
import type { WebSocket } from "ws";
import { StatusError } from "../../api/status-error.ts";
import { closeCode } from "../relay/close-code.ts";
import { dial } from "./dial.ts";
import type { Session } from "./session.ts";
import { bytesOf, relay } from "./websocket-stream.ts";
import type { WebSockets } from "./websockets.ts";

/** How many bytes of datagrams may be on their way to a client; more are dropped, as a network does. */
const mostInFlight = 1024 ** 2;

/** Serves a port of the guest: a TCP connection as a stream of bytes, or UDP with a datagram in each frame. */
export async function servePortForward(
  { instance, websockets, metrics, gone, accept }: Session,
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
    accept((websocket) => relayDatagrams(websockets, websocket, guest, name));
  }
}

function relayDatagrams(websockets: WebSockets, websocket: WebSocket, guest: Socket, name: string): void {
  let inFlight = 0;
  guest.on("message", (datagram) => {
    if (inFlight + datagram.length > mostInFlight) return;
    inFlight += datagram.length;
    websockets.send(websocket, datagram, () => {
      inFlight -= datagram.length;
    });
  });
  guest.on("error", (error) => websockets.close(websocket, closeCode.internalError, `${name}: ${error.message}`));
  websocket.on("message", (data, isBinary) => {
    if (isBinary) guest.send(bytesOf(data), () => {});
  });
}
