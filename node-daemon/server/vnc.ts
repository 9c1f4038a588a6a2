import { StatusError } from "../../api/status-error.ts";
import { connectToQemu } from "../qemu-socket.ts";
import { dial } from "./dial.ts";
import { requireRunning, type Session } from "./session.ts";
import { relay } from "./websocket-stream.ts";

/**
 * Serves the screen of an instance: the RFB protocol as QEMU speaks it. Every client has a connection of its own and QEMU
 * serves all of them; with `preserveSession` a client is only taken when it is the first.
 */
export async function serveVnc(
  { instance, websockets, metrics, alone, gone, accept }: Session,
  { preserveSession }: { preserveSession: boolean },
): Promise<void> {
  requireRunning(instance);
  if (instance.vncSocket === undefined) throw new StatusError(400, "No graphics devices are present.");
  if (preserveSession && !alone()) {
    throw new StatusError(503, "Active VNC connection. Request denied.");
  }
  gone.addEventListener("abort", metrics.vnc.open(instance));
  const qemu = await dial(connectToQemu(instance.vncSocket), "VNC of the instance", gone);
  try {
    accept((websocket) => {
      void relay(websockets, websocket, qemu, "the screen is gone: the virtual machine instance has ended");
    });
  } catch (error) {
    qemu.destroy();
    throw error;
  }
}
