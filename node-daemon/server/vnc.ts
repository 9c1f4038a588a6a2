import { StatusError } from "../../api/serving/status-error.ts";
import { connectToQemu } from "../relay/qemu-socket.ts";
import { dial } from "./dial.ts";
import { requireRunning, type Session } from "./session.ts";
import { relay } from "./websocket-stream.ts";

/** How a client wants to have a screen that others may be looking at. */
export interface ScreenOptions {
  /** Only if nobody is. */
  readonly preserveSession: boolean;
  /** With them. KubeVirt's clients have a screen alone, and end whoever has it; they do not know of this. */
  readonly shared: boolean;
}

/**
 * Serves the screen of an instance: the RFB protocol as QEMU speaks it. Every client has a connection of its own and QEMU
 * serves all of them.
 */
export async function serveVnc(
  { instance, user, websockets, metrics, alone, endOthers, gone, accept }: Session,
  { preserveSession, shared }: ScreenOptions,
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
      // As with a console: clients take what ends with EOF for an end, and not for a fault.
      if (!shared) endOthers(`EOF: ${user || "another client"} has taken over this screen`);
      void relay(websockets, websocket, qemu, "the screen is gone: the virtual machine instance has ended");
    });
  } catch (error) {
    qemu.destroy();
    throw error;
  }
}
