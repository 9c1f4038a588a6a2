import { annotations } from "../../api/contract/labels.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { machines } from "../../api/resources.ts";
import { Failure } from "../failure.ts";

/** Milliseconds after which the cluster deletes the machine of a job that nobody renews, and between two renewals. */
export const lease = { lasts: 90_000, renewal: 20_000 } as const;

/**
 * Keeps a machine from expiring until the signal ends. Rejects when the machine is gone or another one has its name.
 * Other errors pass by: the next renewal may succeed, and the job's own connection reports a lost cluster.
 */
export async function keepAlive(
  client: KubeClient,
  ref: { readonly name: string; readonly namespace: string; readonly uid: string | undefined },
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    await sleep(lease.renewal, signal);
    const patch = { metadata: { uid: ref.uid, annotations: { [annotations.renewed]: new Date().toISOString() } } };
    try {
      await client.mergePatch(machines, ref, patch, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError)) continue;
      if (error.isNotFound || error.isConflict) throw new Failure(`somebody deleted ${ref.name}`);
    }
  }
}
