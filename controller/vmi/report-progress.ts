import { recordedPlaceholder } from "../../api/contract/placeholder.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import { reached } from "../../api/status/phase-times.ts";
import { claimsOf, withClaims } from "./claims.ts";
import type { InstanceContext, InstanceStage } from "./context.ts";
import { isHandedOver } from "./handed-over.ts";
import { podTrouble } from "./pod-trouble.ts";
import { recordPlaceholder } from "./record.ts";
import { sandboxTrouble } from "./sandbox-trouble.ts";
import { reportsTrouble, withTrouble, writeStatus } from "./status.ts";
import { withUnschedulableNodes } from "./unoffered-nodes.ts";

/** Milliseconds within which most pods are placed; before that, a separate write would be wasted. */
const patience = 1000;

/** Reports the state of the placeholder pod: not placed for a while, unschedulable, or without its images. */
export const reportProgress: InstanceStage = async (context) => {
  const { instance, pod, podAge, cache, now } = context;
  if (!pod) return undefined;
  if (isHandedOver(instance)) return untilItRuns(context);
  const trouble = withUnschedulableNodes(podTrouble(pod), cache.nodes.store.values());
  if (pod.metadata?.deletionTimestamp !== undefined) return undefined;
  if (!trouble && podAge < patience) return { after: patience - podAge };
  if (recordedPlaceholder(instance.metadata) !== pod.metadata?.uid) {
    // The pod may wait for long, and a restarted controller would not recognise it.
    await recordPlaceholder(context, pod);
    return "done";
  }
  const phase = instance.status?.phase === undefined || instance.status.phase === "Pending" ? "Scheduling" : undefined;
  const status = phase ? reached(instance, phase, pod, now) : (instance.status ?? {});
  await writeStatus(context, withTrouble(withClaims(status, instance, claimsOf(context)), trouble, now));
  return undefined;
};

async function untilItRuns(context: InstanceContext): Promise<Outcome | undefined> {
  const { instance, pod, now } = context;
  const status = instance.status ?? {};
  const sandbox = status.phase === "Scheduled" ? await sandboxTrouble(context) : undefined;
  const trouble = podTrouble(pod) ?? sandbox?.trouble;
  // The status already says that the instance is not ready; only a new trouble, or the end of one, is worth a write.
  if (trouble || reportsTrouble(status)) await writeStatus(context, withTrouble(status, trouble, now));
  return sandbox && { after: sandbox.after };
}
