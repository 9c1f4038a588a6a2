import { isDeepStrictEqual } from "node:util";
import { finalizers, labels } from "../../api/contract/labels.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances } from "../../api/resources.ts";
import { scheduled } from "../../api/status/phase-times.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import { slimMetadata } from "../cache/slim-metadata.ts";
import { untilCached } from "../cache/until-cached.ts";
import { objectChanged } from "../cache/whole-reader.ts";
import { fillGaps, withInstanceDefaults } from "../instance-defaults.ts";
import { boundClaims, withClaims } from "./claims.ts";
import type { InstanceContext, InstanceStage } from "./context.ts";
import { isHandedOver, nodeOf } from "./handed-over.ts";
import { podTrouble } from "./pod-trouble.ts";
import { recordOf } from "./record.ts";
import { reportsTrouble, withTrouble, writeStatus } from "./status.ts";

/** Milliseconds from the pod's creation within which most guests run: the daemon then needs only one write. */
const patience = 2000;

/**
 * Hands an instance to the daemon of its node as soon as its pod is bound. First it writes the metadata, with the
 * finalizer, since from then on there may be a domain. Then it writes the status, if there is anything to report before
 * the guest runs. If the controller dies between the two writes, the next one finds the label.
 */
export const handOver: InstanceStage = async (context) => {
  const { instance, pod, now } = context;
  const phase = instance.status?.phase ?? "Pending";
  if (phase !== "Pending" && phase !== "Scheduling") return undefined;
  const target = isHandedOver(instance) ? undefined : bound(pod);
  const node = nodeOf(instance) ?? target?.spec?.nodeName;
  if (node === undefined) return undefined;
  const marked = target ? await mark(context, target, node) : instance;
  if (marked === objectChanged) return "done";
  const status = withTrouble(scheduled(marked, pod, node, now), podTrouble(pod), now);
  const claims = await boundClaims(context);
  const left = claims.size > 0 || reportsTrouble(status) ? 0 : timeLeft(context);
  if (left > 0) return { after: left };
  await writeStatus(context, withClaims(status, marked, claims), marked);
  return "done";
};

/** Milliseconds for which the hand-over need not be reported. */
function timeLeft({ instance, pod, podAge }: InstanceContext): number {
  // The status already says that the pod waits for a node; that must be corrected now.
  if (!pod || instance.status?.phase !== undefined) return 0;
  return patience - podAge;
}

/** The pod, if it is bound to a node and is not being deleted. */
function bound(pod: Pod | undefined): Pod | undefined {
  return pod?.spec?.nodeName && pod.metadata?.deletionTimestamp === undefined ? pod : undefined;
}

/** Writes the node and the pod that an instance is handed over to. */
async function mark(
  { client, cache, instance, withWhole, signal }: InstanceContext,
  pod: Pod,
  node: string,
): Promise<SlimInstance | typeof objectChanged> {
  const { name = "", namespace = "", resourceVersion, finalizers: held = [] } = instance.metadata;
  const metadata = {
    resourceVersion,
    labels: { [labels.nodeName]: node },
    annotations: recordOf(pod),
    finalizers: [...new Set([...held, finalizers.instance])],
  };
  const marked = await withWhole((whole) => {
    const spec = fillGaps(whole.spec, withInstanceDefaults(whole).spec);
    // The same write adds defaults to an instance without a VirtualMachine.
    const patch = { metadata, ...(isDeepStrictEqual(spec, whole.spec) ? {} : { spec }) };
    return client.mergePatch(metadataOf(instances), { name, namespace }, patch, { signal });
  });
  if (marked === objectChanged) return objectChanged;
  await untilCached(cache.instances.store, marked, signal);
  return { ...instance, metadata: slimMetadata(marked.metadata ?? {}) };
}
