import { StatusError } from "../../api/serving/status-error.ts";
import { connectToQemu } from "../relay/qemu-socket.ts";
import { dial } from "./dial.ts";
import { requireRunning, type Session } from "./session.ts";
import { relay } from "./websocket-stream.ts";

/** Options for a screen that others may be viewing. */
export interface ScreenOptions {
  /** Connects only if nobody else is connected. */
  readonly preserveSession: boolean;
  /** Shares the screen. KubeVirt's clients do not know this option: each displaces the client before it. */
  readonly shared: boolean;
}

/**
 * Serves the screen of an instance, with QEMU's RFB protocol. Every client has its own connection, and QEMU serves all
 * of them.
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
      // As with a console, clients treat a reason with EOF as a normal end, not as an error.
      if (!shared) endOthers(`EOF: ${user || "another client"} has taken over this screen`);
      void relay(websockets, websocket, qemu, "the screen is gone: the virtual machine instance has ended");
    });
  } catch (error) {
    qemu.destroy();
    throw error;
  }
}
