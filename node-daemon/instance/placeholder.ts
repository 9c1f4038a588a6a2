import { defaultGracePeriod, teardownSeconds } from "../../api/contract/constants.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { InstanceIdentity } from "./identity.ts";

/** The state of an instance's placeholder Pod, from the API server. */
export type Placeholder =
  | { readonly state: "there"; readonly uid: string; readonly ready: boolean }
  /** The pod is deleted, or the kubelet ends it (not this daemon); the guest has `grace` milliseconds from then on. */
  | { readonly state: "deleted"; readonly uid: string; readonly grace: number; readonly why: string }
  /** The pod's container has ended, or the pod is gone. */
  | { readonly state: "ended"; readonly uid: string | undefined; readonly why: string }
  /** The pod has not been seen yet. */
  | { readonly state: "unseen" };

/** The state of a placeholder, from its pod if known. */
export function placeholderOf(pod: Pod | undefined): Placeholder {
  const uid = pod?.metadata?.uid;
  if (!pod || !uid) return { state: "unseen" };
  const { phase, reason, message } = pod.status ?? {};
  if (phase === "Failed" || phase === "Succeeded") {
    return { state: "ended", uid, why: message ?? reason ?? "its placeholder pod has ended" };
  }
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata ?? {};
  if (deletionTimestamp) {
    const why = reason === undefined ? "its placeholder pod was deleted" : `its placeholder pod was deleted: ${reason}`;
    return { state: "deleted", uid, grace: graceOf(pod, deletionGracePeriodSeconds), why };
  }
  const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  return { state: "there", uid, ready };
}

/** The addresses of a pod that the kubelet has reported to the API server, the main one first; none before that. */
export function podAddresses(pod: Pod | undefined): string[] {
  return (pod?.status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
}

/**
 * The state of a placeholder that the kubelet ends although it is not deleted: a probe failed, the pod is evicted, or
 * the node shuts down.
 */
export function askedToEnd(pod: Pod | undefined, uid: string): Placeholder {
  const { containers = [] } = pod?.spec ?? {};
  const probed = containers.some(({ livenessProbe }) => livenessProbe !== undefined);
  const why = `the kubelet ends its placeholder pod${probed ? ", as when the guest no longer answers its livenessProbe" : ""}`;
  return { state: "deleted", uid, grace: graceOf(pod), why };
}

/** Milliseconds of a pod's grace period for the guest; `seconds` is the deletion's grace period, if different. */
function graceOf(pod: Pod | undefined, seconds?: number): number {
  const whole = seconds ?? pod?.spec?.terminationGracePeriodSeconds ?? defaultGracePeriod + teardownSeconds;
  return (whole - teardownSeconds) * 1000;
}

/** The state of a placeholder that is gone, whose end the daemon did not see. */
export function vanished({ namespace, name }: InstanceIdentity): Placeholder {
  return { state: "ended", uid: undefined, why: `the placeholder pod of ${namespace}/${name} is gone` };
}
