import type { Outcome } from "../../api/kube/controller/controller.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import { conditionOf, removeCondition, setCondition } from "../../api/status/conditions.ts";
import { reached } from "../../api/status/phase-times.ts";
import type { InstanceContext, InstanceStage } from "./context.ts";
import { isHandedOver, nodeOf } from "./handed-over.ts";
import { isNodeReady } from "./node-readiness.ts";
import { podEnd } from "./pod-trouble.ts";
import { writeStatus } from "./status.ts";

/**
 * Marks an instance as failed where no node daemon can: its pod ended before the hand-over, or both the pod and the
 * node are gone. A node that is only silent keeps its instance, which may still run there, until the pod is really
 * gone; Kubernetes removes the pod after an administrator has confirmed that the node is off. Until then the instance's
 * status says that its state is unknown.
 */
export const failLost: InstanceStage = async (context) => {
  const { instance, pod, node, now, events } = context;
  const handedOver = isHandedOver(instance);
  if (!handedOver && !(pod && hasEnded(pod))) return undefined;
  if (handedOver && (isNodeReady(node) || (pod && !hasEnded(pod)))) return silence(context);
  const why = handedOver
    ? `The placeholder pod is gone and node ${nodeOf(instance)} is ${node ? "not ready" : "gone"}`
    : `The placeholder pod ended before the guest was started: ${pod ? podEnd(pod) : ""}`;
  const status = reached(instance, "Failed", pod, now);
  const reason = handedOver ? "NodeLost" : "PodFailed";
  const conditions = setCondition(
    status.conditions,
    { type: "Ready", status: "False", reason: conditionReasons.podNotExists, message: why },
    now,
  );
  await writeStatus(context, { ...status, reason, conditions: [...(conditions ?? [])] });
  events.lost(instance, why);
  // If the instance is being deleted, the next reconcile starts again at the first stage, with the written state.
  return "done";
};

/**
 * While a running instance's node is silent, writes that the guest's state is unknown. The daemon may run without its
 * kubelet, but it leaves this condition alone. After the controller removes it, the daemon reports the guest's state.
 */
async function silence(context: InstanceContext): Promise<Outcome | undefined> {
  const { instance, node, now } = context;
  const { status = {} } = instance;
  const isSilent = status.phase === "Running" && !isNodeReady(node);
  const isTold = conditionOf(status.conditions, "Ready")?.reason === conditionReasons.nodeNotReady;
  if (isSilent === isTold) return undefined;
  const message = `node ${nodeOf(instance)} is ${node ? "not ready" : "gone"}`;
  const conditions = isSilent
    ? setCondition(
        status.conditions,
        { type: "Ready", status: "False", reason: conditionReasons.nodeNotReady, message },
        now,
      )
    : removeCondition(status.conditions, "Ready");
  await writeStatus(context, { ...status, conditions: [...(conditions ?? [])] });
  return "done";
}

/** Whether a pod's containers have ended for good. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Failed" || status?.phase === "Succeeded";
}
