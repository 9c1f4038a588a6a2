import { defaultGracePeriod, teardownSeconds } from "../../api/contract/constants.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { InstanceIdentity } from "./identity.ts";

/** How an instance's placeholder pod is, as the API server has it. */
export type Placeholder =
  | { readonly state: "there"; readonly uid: string; readonly ready: boolean }
  /** It is deleted, or ended by the kubelet, and not by us: its guest has `grace` milliseconds from then on. */
  | { readonly state: "deleted"; readonly uid: string; readonly grace: number; readonly why: string }
  /** Its container has ended, or it is not there any more. */
  | { readonly state: "ended"; readonly uid: string | undefined; readonly why: string }
  /** It has not been seen yet. */
  | { readonly state: "unseen" };

/** How a placeholder is, given its pod if that is known. */
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

/** The addresses of a pod as the kubelet has told the API server; none until it has. The first is the main one. */
export function podAddresses(pod: Pod | undefined): string[] {
  return (pod?.status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
}

/**
 * The placeholder that the kubelet has asked to end, though nobody has deleted it: a probe failed, the pod is evicted, or
 * the node shuts down.
 */
export function askedToEnd(pod: Pod | undefined, uid: string): Placeholder {
  const { containers = [] } = pod?.spec ?? {};
  const probed = containers.some(({ livenessProbe }) => livenessProbe !== undefined);
  const why = `the kubelet ends its placeholder pod${probed ? ", as when the guest no longer answers its livenessProbe" : ""}`;
  return { state: "deleted", uid, grace: graceOf(pod), why };
}

/** Milliseconds of a pod's grace period that are its guest's; `seconds` is that of its deletion, which may be another one. */
function graceOf(pod: Pod | undefined, seconds?: number): number {
  const whole = seconds ?? pod?.spec?.terminationGracePeriodSeconds ?? defaultGracePeriod + teardownSeconds;
  return (whole - teardownSeconds) * 1000;
}

/** The placeholder that has gone without having been seen to end. */
export function vanished({ namespace, name }: InstanceIdentity): Placeholder {
  return { state: "ended", uid: undefined, why: `the placeholder pod of ${namespace}/${name} is gone` };
}
