import type { WebSocket } from "ws";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError, NetworkError, TimeLimitError } from "../../api/kube/client/errors.ts";
import { openWebSocket } from "../../api/kube/client/websocket.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import { ReportedProblems, type Waiting } from "./reported-problems.ts";
import { stateOf } from "./state.ts";

/** The sub-protocol of all streams: the bytes as they are. */
export const protocols = ["plain.kubevirt.io"] as const;

/** Milliseconds between two tries. */
const interval = 1000;

export interface DialOptions {
  name: string;
  path: string;
  /** Whether there was a connection before; then also a server that is not there is waited for. */
  again: boolean;
  signal: AbortSignal;
  /** Told, once each, of what is waited for. */
  say: (text: string) => void;
}

/**
 * Opens a websocket, waiting for a machine that does not run yet. Throws what no waiting mends: there is no such machine,
 * it has no such device, the user may not.
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

/** What there is to wait for after an error; `undefined` when there is nothing. A lost connection was told of already. */
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
    // There is no room for one more, it says: whoever waits wants to know for what.
    return code === 429 ? { text: `${message}; waiting`, asks: false } : "unsaid";
  }
  // Of the refusals of a bad request this one alone goes away; it is worded as KubeVirt's.
  if (code === 400 && !/not running/i.test(message)) return undefined;
  if (code !== 400 && code !== 404 && code !== 409) return undefined;
  const state = await stateOf(client, name, signal);
  if (!state) return code === 400 ? { text: `${name} is not running; waiting for it`, asks: false } : undefined;
  const { machine, instance } = state;
  if (!machine && (!instance || code === 409)) return undefined;
  if (machine?.metadata.deletionTimestamp) return undefined;
  const strategy = machine && runStrategyOf(machine.spec);
  if (!instance && (strategy === "Halted" || strategy === "Manual" || strategy === "Once")) {
    const status = machine?.status?.printableStatus ?? "Stopped";
    return { text: `${name} is not running (${status}); waiting for "kubectl virt start ${name}"`, asks: true };
  }
  const status = machine?.status?.printableStatus ?? instance?.status?.phase ?? "Pending";
  return { text: `${name} is not running yet (${status}); waiting for it`, asks: false };
}
