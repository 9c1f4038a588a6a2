import { StatusError } from "../../api/status-error.ts";
import type { ConsoleConnection } from "../relay/console-client.ts";
import { requireRunning, type Session } from "./session.ts";
import { bytesOf } from "./websocket-stream.ts";

/**
 * Clients that one console has at once, those among them that were displaced and have not closed yet: each that does not
 * read holds more than 1 MiB of output.
 */
const mostClients = 200;

/** Serves the first serial port of an instance: to a watcher, or to the one who types. */
export function serveConsole(
  { instance, websockets, metrics, gone, accept }: Session,
  { user, readOnly }: { user: string; readOnly: boolean },
): void {
  requireRunning(instance);
  const [port] = instance.serialPorts;
  if (!port) throw new StatusError(400, "No serial consoles are present.");
  const { hub } = port;
  if (!hub) throw new StatusError(400, "VMI is not running");
  if (metrics.consoles.of(instance) >= mostClients) {
    throw new StatusError(503, `The serial console has ${mostClients} clients, which is the most it can have.`);
  }
  accept((websocket) => {
    const connection: ConsoleConnection = {
      send: (bytes, sent) => websockets.send(websocket, bytes, sent),
      close: (code, reason) => websockets.close(websocket, code, reason),
      pause: () => websocket.pause(),
      resume: () => websocket.resume(),
    };
    gone.addEventListener("abort", metrics.consoles.open(instance));
    const session = hub.attach(connection, { user, readOnly });
    websocket.on("message", (data, isBinary) => {
      if (isBinary) session.input(bytesOf(data));
    });
    websocket.on("close", () => session.detach());
  });
}
