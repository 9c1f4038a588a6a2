import { once } from "node:events";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { openWebSocket } from "../../api/kube/client/websocket.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { protocols } from "../console/dial.ts";
import { portPath } from "../forward/path.ts";
import type { Target } from "../target/target.ts";

/** Milliseconds between two tries, and the longest wait for a greeting. */
const [interval, patience] = [1000, 10_000];

/** Resolves when an SSH server answers at a port of the guest. A guest that boots refuses connections for a while. */
export async function untilGreeted(
  client: KubeClient,
  target: Target,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const path = portPath(client.namespace, target, port, "tcp");
  while (!(await isGreeted(client, path, signal))) await sleep(interval, signal);
}

async function isGreeted(client: KubeClient, path: string, signal: AbortSignal): Promise<boolean> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  try {
    const websocket = await openWebSocket(client, path, { protocols, signal: enough });
    try {
      const message = once(websocket, "message", { signal: enough });
      const closed = once(websocket, "close", { signal: enough }).then(() => []);
      for (const one of [message, closed]) one.catch(() => {});
      websocket.resume();
      const [bytes]: unknown[] = await Promise.race([message, closed]);
      return Buffer.isBuffer(bytes) && bytes.toString("latin1").startsWith("SSH-");
    } finally {
      websocket.terminate();
    }
  } catch {
    // Errors that stay, such as a missing right, have their words from ssh's own attempt or the deadline.
    signal.throwIfAborted();
    return false;
  }
}
