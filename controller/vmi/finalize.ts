import { finalizers } from "../../api/contract/labels.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { pods } from "../../api/kube/resources/core-resources.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances } from "../../api/resources.ts";
import { isFinal } from "../../api/status/phases.ts";
import { untilGone } from "../cache/until-cached.ts";
import { dropRevision } from "../drop-revision.ts";
import type { InstanceContext, InstanceStage } from "./context.ts";
import { isHandedOver } from "./handed-over.ts";

/**
 * Releases an instance that is being deleted, when it has no domain: it was never handed over, or the daemon has
 * reported its end. Until then the node daemon shuts the guest down.
 */
export const finalize: InstanceStage = async (context) => {
  const { instance, client, cache, signal } = context;
  const { name = "", namespace = "", resourceVersion, deletionTimestamp, finalizers: held = [] } = instance.metadata;
  if (deletionTimestamp === undefined) return isFinal(instance.status?.phase) ? "done" : undefined;
  if (isHandedOver(instance) && !isFinal(instance.status?.phase)) return undefined;
  await deletePod(context);
  if (held.includes(finalizers.instance)) {
    await dropRevision(client, instance, signal);
    const rest = held.filter((finalizer) => finalizer !== finalizers.instance);
    const patch = { metadata: { resourceVersion, finalizers: rest } };
    await client.mergePatch(metadataOf(instances), { name, namespace }, patch, { signal });
    // The end of the pod triggers another reconcile.
    if (rest.length === 0) await untilGone(cache.instances.store, instance, signal);
  }
  return "done";
};

/**
 * Deletes the placeholder, earlier than the garbage collector would. After the daemon has reported the end of the
 * domain, it deletes at once, since the kubelet has nothing left to report or to wait for.
 */
async function deletePod({ instance, pod, client, signal }: InstanceContext): Promise<void> {
  const { name = "", namespace = "", uid, deletionTimestamp } = pod?.metadata ?? {};
  if (uid === undefined || deletionTimestamp !== undefined) return;
  const atOnce = isHandedOver(instance) ? { gracePeriodSeconds: 0 } : {};
  try {
    await client.delete(pods, { name, namespace }, { ...atOnce, preconditions: { uid }, signal });
  } catch (error) {
    // The pod is gone, or there is another one of its name by now.
    if (!(error instanceof ApiError) || !(error.isNotFound || error.isConflict)) throw error;
  }
}
