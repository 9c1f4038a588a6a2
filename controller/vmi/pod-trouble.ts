import type { Pod } from "../../api/kube/resources/core-resources.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";

/** Reasons for which a container waits normally. */
const ordinary = new Set(["ContainerCreating", "PodInitializing"]);

/** Why a placeholder pod does not start, in the words of the scheduler or the kubelet. */
export interface PodTrouble {
  /**
   * The instance's condition for it, beside Ready. Troubles of containers have none: by then the instance is handed
   * over, and the node daemon owns Synchronized.
   */
  readonly type?: "PodScheduled" | "Synchronized";
  readonly reason: string;
  readonly message: string;
}

/** The known trouble of a pod, if any. */
export function podTrouble(pod: Pod | undefined): PodTrouble | undefined {
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") {
    const { reason = conditionReasons.unschedulable, message = "" } = scheduled;
    return { type: "PodScheduled", reason, message };
  }
  return containerTrouble(pod?.status);
}

/** The trouble of the first container that does not start. */
export function containerTrouble(status: Pod["status"]): PodTrouble | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {};
  for (const { state } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason, message = "" } = state?.waiting ?? {};
    if (reason !== undefined && !ordinary.has(reason)) return { reason, message };
  }
  return undefined;
}

/** The controller's reasons of `Synchronized` for which there can be no pod for now. */
export const withoutPod: ReadonlySet<string> = new Set([
  conditionReasons.podRefused,
  conditionReasons.claimNotFound,
  conditionReasons.networkNotFound,
  conditionReasons.networkNotAllowed,
]);

/** Why a pod ended, from its status. */
export function podEnd({ status }: Pod): string {
  const said = [status?.reason, status?.message].filter(Boolean).join(": ");
  return said || "it gave no reason";
}
