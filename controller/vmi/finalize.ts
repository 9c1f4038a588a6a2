import { pods } from "../../api/kube/core-resources.ts";
import { finalizers } from "../../api/labels.ts";
import { isFinal } from "../../api/phases.ts";
import { instances } from "../../api/resources.ts";
import type { InstanceStage } from "./context.ts";
import { isHandedOver } from "./hand-over.ts";

/**
 * Lets go of an instance that is being deleted, once it has no domain: it was never handed over, or its end has been
 * told. Until then the node daemon shuts the guest down.
 */
export const finalize: InstanceStage = async ({ instance, pod, client, signal }) => {
  const { name = "", namespace = "", resourceVersion, deletionTimestamp, finalizers: held = [] } = instance.metadata;
  if (deletionTimestamp === undefined) return isFinal(instance.status?.phase) ? "done" : undefined;
  if (isHandedOver(instance) && !isFinal(instance.status?.phase)) return undefined;
  if (!isHandedOver(instance) && pod && pod.metadata?.deletionTimestamp === undefined) {
    // Somebody else's finalizer keeps the instance; its pod is of no more use.
    const preconditions = pod.metadata?.uid === undefined ? {} : { preconditions: { uid: pod.metadata.uid } };
    await client.delete(pods, { name: pod.metadata?.name ?? "", namespace }, { ...preconditions, signal });
  }
  if (held.includes(finalizers.instance)) {
    const rest = held.filter((finalizer) => finalizer !== finalizers.instance);
    const patch = { metadata: { resourceVersion, finalizers: rest } };
    await client.mergePatch(instances, { name, namespace }, patch, { signal });
  }
  return "done";
};
