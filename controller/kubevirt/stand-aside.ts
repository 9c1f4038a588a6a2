import type { KubeClient } from "../../api/kube/client/client.ts";
import type { EventRecorder } from "../../api/kube/events.ts";
import type { Log } from "../../api/kube/log.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { eventReasons } from "../../api/status/event-reasons.ts";
import { runTogether } from "../run-together.ts";
import { kubevirtIn, type OwnPlace } from "./presence.ts";
import { serveRefusal } from "./refusal-server.ts";

export interface StandAsideOptions {
  readonly client: KubeClient;
  readonly recorder: Pick<EventRecorder, "record">;
  readonly own: OwnPlace;
  /** The name of the pod of this program. */
  readonly pod: string;
  /** The port for health; 0 for none. */
  readonly port: number;
  readonly log: Log;
}

/** Milliseconds between checks. */
const lookEvery = { before: 5000, during: 30_000 } as const;

/** KubeVirt was installed in the cluster. */
export class KubevirtPresentError extends Error {
  override readonly name = "KubevirtPresentError";
}

/**
 * Waits until there is no KubeVirt in the cluster. Until then it writes only an event, does not compete for leadership,
 * and serves only health, with the reason.
 */
export async function waitUntilNoKubevirt(options: StandAsideOptions, signal: AbortSignal): Promise<void> {
  let reason = await kubevirtConflict(options, signal);
  if (reason === undefined) return;
  const { log, port } = options;
  const waiting = async (until: AbortSignal): Promise<void> => {
    while (reason !== undefined) {
      log("error", "not working: KubeVirt is in this cluster", { reason });
      tell(options, reason);
      await sleep(lookEvery.before, until);
      reason = await kubevirtConflict(options, until);
    }
    log("info", "KubeVirt is gone from this cluster");
  };
  await runTogether([waiting, (until) => serveRefusal({ port, reason: () => reason ?? "", log }, until)], signal);
}

/** Runs until the signal is aborted. Throws KubevirtPresentError when KubeVirt appears in the cluster. */
export async function watchForKubevirt(options: StandAsideOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(lookEvery.during, signal).catch(() => {});
    if (signal.aborted) return;
    const reason = await kubevirtConflict(options, signal);
    if (reason !== undefined) throw new KubevirtPresentError(reason);
  }
}

/** The reason to stand aside, in a sentence; `undefined` without one. It retries until it has an answer. */
async function kubevirtConflict(
  { client, own, log }: StandAsideOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (;;) {
    try {
      const found = await kubevirtIn(client, own, signal);
      return found.length === 0 ? undefined : refusalOf(found);
    } catch (error) {
      signal.throwIfAborted();
      log("warn", "not known whether KubeVirt is in this cluster", { error });
      await sleep(lookEvery.before, signal);
    }
  }
}

/** The message for people. */
export function refusalOf(found: readonly string[]): string {
  return `KubeVirt is in this cluster (${found.join(", ")}): it keeps the same objects, and the two cannot share them. Remove one of them`;
}

function tell({ recorder, own: { namespace }, pod: name }: StandAsideOptions, message: string): void {
  recorder.record(
    { apiVersion: "v1", kind: "Pod", metadata: { namespace, name } },
    { type: "Warning", reason: eventReasons.kubevirtPresent, message },
  );
}
