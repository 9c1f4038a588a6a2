import type { Pod } from "../api/kube/core-resources.ts";
import { labels } from "../api/labels.ts";
import type { InstanceIdentity } from "./instance.ts";

/** How an instance's placeholder pod is, as the API server has it. */
export type Placeholder =
  | { readonly state: "there"; readonly uid: string; readonly ready: boolean }
  /** It is deleted, by somebody else than us: to be gone at `deadline` (milliseconds since 1970). */
  | { readonly state: "deleted"; readonly uid: string; readonly deadline: number; readonly why: string }
  /** Its container has ended, or it is not there any more. */
  | { readonly state: "ended"; readonly uid: string | undefined; readonly why: string }
  /** It has not been seen yet. */
  | { readonly state: "unseen" };

/** Milliseconds of a pod's grace period that are left to us after the guest's: see the contract of the placeholder. */
const margin = 15_000;

/** The placeholder among the pods of an instance: the newest that is left. */
export function newestOf(pods: readonly Pod[]): Pod | undefined {
  return pods.toSorted((a, b) => rank(a) - rank(b)).at(-1);
}

/** How the placeholder is among the pods of an instance. */
export function placeholderOf(pods: readonly Pod[]): Placeholder {
  const pod = newestOf(pods);
  const uid = pod?.metadata?.uid;
  if (!pod || !uid) return { state: "unseen" };
  const { phase, reason, message } = pod.status ?? {};
  if (phase === "Failed" || phase === "Succeeded") {
    return { state: "ended", uid, why: message ?? reason ?? "its placeholder pod has ended" };
  }
  const deleted = pod.metadata?.deletionTimestamp;
  if (deleted) {
    const why = reason === undefined ? "its placeholder pod was deleted" : `its placeholder pod was deleted: ${reason}`;
    return { state: "deleted", uid, deadline: Date.parse(deleted) - margin, why };
  }
  const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  return { state: "there", uid, ready };
}

/** Finds the pods that were made for an instance. */
export function instanceUidOf(pod: Pod): string | undefined {
  return pod.metadata?.labels?.[labels.createdBy];
}

/** The placeholder that has gone without having been seen to end. */
export function vanished({ namespace, name }: InstanceIdentity): Placeholder {
  return { state: "ended", uid: undefined, why: `the placeholder pod of ${namespace}/${name} is gone` };
}

function rank({ metadata, status }: Pod): number {
  const ended = status?.phase === "Failed" || status?.phase === "Succeeded";
  return Date.parse(metadata?.creationTimestamp ?? "") - (ended ? 1e12 : 0) || 0;
}
