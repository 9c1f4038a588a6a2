import { StatusError } from "../../api/serving/status-error.ts";
import type { ConsoleConnection } from "../relay/console-client.ts";
import { requireRunning, type Session } from "./session.ts";
import { bytesOf } from "./websocket-stream.ts";

/** Serves the first serial port of an instance to a watcher or a writer. */
export function serveConsole(
  { instance, user, websockets, metrics, holding, gone, accept }: Session,
  { readOnly }: { readOnly: boolean },
): void {
  requireRunning(instance);
  const [port] = instance.serialPorts;
  if (!port) throw new StatusError(400, "No serial consoles are present.");
  const { hub } = port;
  if (!hub) throw new StatusError(400, "VMI is not running");
  accept((websocket) => {
    const connection: ConsoleConnection = {
      send: (bytes, sent) => websockets.send(websocket, bytes, sent),
      close: (code, reason) => websockets.close(websocket, code, reason),
      pause: () => websocket.pause(),
      resume: () => websocket.resume(),
      holding,
    };
    gone.addEventListener("abort", metrics.consoles.open(instance));
    const session = hub.attach(connection, { user, readOnly });
    websocket.on("message", (data, isBinary) => {
      if (isBinary) session.input(bytesOf(data));
    });
    websocket.on("close", () => session.detach());
  });
}
