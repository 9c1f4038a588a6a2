import { annotations } from "../../api/contract/labels.ts";
import { recordedPlaceholder } from "../../api/contract/placeholder.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances } from "../../api/resources.ts";
import { untilCached } from "../cache/until-cached.ts";
import type { InstanceContext, InstanceStage } from "./context.ts";
import { isHandedOver } from "./handed-over.ts";

/** The annotation for an instance that records the pod that the controller made for it. */
export function recordOf({ metadata }: Pod): Record<string, string> {
  return { [annotations.placeholderUid]: metadata?.uid ?? "" };
}

/**
 * Records the pod of an instance that an older controller handed over without this record. Only the controller can have
 * written the label of the hand-over, so the pod of that name was made for the instance.
 */
export const record: InstanceStage = async (context) => {
  const { instance, pod } = context;
  if (!pod || !isHandedOver(instance) || recordedPlaceholder(instance.metadata) !== undefined) return undefined;
  await recordPlaceholder(context, pod);
  return "done";
};

/** Records an instance's pod alone, when it is too early for the hand-over. */
export async function recordPlaceholder({ client, cache, instance, signal }: InstanceContext, pod: Pod): Promise<void> {
  const { name = "", namespace = "", resourceVersion } = instance.metadata;
  const patch = { metadata: { resourceVersion, annotations: recordOf(pod) } };
  const written = await client.mergePatch(metadataOf(instances), { name, namespace }, patch, { signal });
  await untilCached(cache.instances.store, written, signal);
}
