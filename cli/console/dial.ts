import type { WebSocket } from "ws";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError, NetworkError, TimeLimitError } from "../../api/kube/client/errors.ts";
import { openWebSocket } from "../../api/kube/client/websocket.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import { notRunning } from "../not-running.ts";
import { ReportedProblems, type Waiting } from "./reported-problems.ts";
import { stateOf } from "./state.ts";

/** The sub-protocol of all streams: raw bytes. */
export const protocols = ["plain.kubevirt.io"] as const;

/** Milliseconds between two tries. */
const interval = 1000;

export interface DialOptions {
  name: string;
  path: string;
  /** Whether there was a connection before. If so, `dial` also waits for a missing server. */
  again: boolean;
  signal: AbortSignal;
  /** Called once for each reason to wait. */
  say: (text: string) => void;
}

/**
 * Opens a websocket, and waits for a machine that does not run yet. Throws errors that waiting cannot fix: the machine
 * or the device does not exist, or the user has no right.
 */
export async function dial(client: KubeClient, { name, path, again, signal, say }: DialOptions): Promise<WebSocket> {
  const told = new ReportedProblems();
  for (;;) {
    try {
      return await openWebSocket(client, path, { protocols, signal });
    } catch (error) {
      signal.throwIfAborted();
      const waiting = await waitingFor(client, name, error, again, signal);
      if (waiting === undefined) throw error;
      if (waiting !== "unsaid" && told.isNew(waiting)) say(waiting.text);
    }
    await sleep(interval, signal);
  }
}

/** Returns the reason to wait after an error, `undefined` if there is none, "unsaid" if the user knows it already. */
async function waitingFor(
  client: KubeClient,
  name: string,
  error: unknown,
  again: boolean,
  signal: AbortSignal,
): Promise<Waiting | "unsaid" | undefined> {
  if (error instanceof NetworkError || error instanceof TimeLimitError) return again ? "unsaid" : undefined;
  if (!(error instanceof ApiError)) return undefined;
  const { code, message } = error;
  if (code >= 500 || code === 429) {
    if (!again) return undefined;
    // A 429 says that there is no room for one more connection. Tell the user, who waits for that.
    return code === 429 ? { text: `${message}; waiting`, asks: false } : "unsaid";
  }
  // Of all 400 errors, only this one goes away by itself. Its words are KubeVirt's.
  if (code === 400 && !/not running/i.test(message)) return undefined;
  if (code !== 400 && code !== 404 && code !== 409) return undefined;
  const found = await stateOf(client, name, signal);
  if (!found) return code === 400 ? { text: `${notRunning(name)}; waiting for it`, asks: false } : undefined;
  const { machine, instance } = found;
  if (!machine && (!instance || code === 409)) return undefined;
  if (machine?.metadata.deletionTimestamp) return undefined;
  const strategy = machine && runStrategyOf(machine.spec);
  if (!instance && (strategy === "Halted" || strategy === "Manual" || strategy === "Once")) {
    const stopped = notRunning(name, machine?.status?.printableStatus);
    return { text: `${stopped}; waiting for "kubectl virt start ${name}"`, asks: true };
  }
  const state = machine?.status?.printableStatus ?? instance?.status?.phase;
  return { text: `${notRunning(name, state, "yet")}; waiting for it`, asks: false };
}
