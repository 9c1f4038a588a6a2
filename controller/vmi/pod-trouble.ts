import type { Pod } from "../../api/kube/resources/core-resources.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";

/** Reasons for which a container waits although all is well. */
const ordinary = new Set(["ContainerCreating", "PodInitializing"]);

/** Why a placeholder pod does not come up, in the words of the scheduler or the kubelet. */
export interface PodTrouble {
  /**
   * The condition of the instance that tells it, beside Ready. What keeps containers has none: the instance is handed
   * over by then, and Synchronized is the node daemon's.
   */
  readonly type?: "PodScheduled" | "Synchronized";
  readonly reason: string;
  readonly message: string;
}

/** What keeps a pod from coming up, if anything is known to. */
export function podTrouble(pod: Pod | undefined): PodTrouble | undefined {
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") {
    const { reason = conditionReasons.unschedulable, message = "" } = scheduled;
    return { type: "PodScheduled", reason, message };
  }
  return containerTrouble(pod?.status);
}

/** What keeps the first container that does not come up. */
export function containerTrouble(status: Pod["status"]): PodTrouble | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {};
  for (const { state } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason, message = "" } = state?.waiting ?? {};
    if (reason !== undefined && !ordinary.has(reason)) return { reason, message };
  }
  return undefined;
}

/** The reasons of `Synchronized` by which the controller says that there can be no pod for now. */
export const withoutPod: ReadonlySet<string> = new Set([
  conditionReasons.podRefused,
  conditionReasons.claimNotFound,
  conditionReasons.networkNotFound,
  conditionReasons.networkNotAllowed,
]);

/** Why a pod ended, as far as it says so. */
export function podEnd({ status }: Pod): string {
  const said = [status?.reason, status?.message].filter(Boolean).join(": ");
  return said || "it gave no reason";
}
