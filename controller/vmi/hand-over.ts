import { isDeepStrictEqual } from "node:util";
import type { Pod } from "../../api/kube/core-resources.ts";
import { finalizers, labels } from "../../api/labels.ts";
import { scheduled } from "../../api/phase-times.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";
import { completed, defaulted } from "../defaulted.ts";
import { seen } from "../seen.ts";
import { boundClaims, withClaims } from "./claims.ts";
import type { InstanceContext, InstanceStage } from "./context.ts";
import { podTrouble } from "./pod-trouble.ts";
import { tellsTrouble, withTrouble, writeStatus } from "./status.ts";

/** Whether a node daemon was told of an instance, and may have a domain of it. */
export function isHandedOver(instance: VirtualMachineInstance): boolean {
  return nodeOf(instance) !== undefined;
}

/** The node that an instance was handed over to. */
export function nodeOf({ metadata, status }: VirtualMachineInstance): string | undefined {
  return metadata.labels?.[labels.nodeName] ?? status?.nodeName;
}

/**
 * Milliseconds from the pod's creation within which most guests run: then the daemon tells it all in one write. (The API's
 * times are whole seconds, so it may be one second less.)
 */
const patience = 2000;

/**
 * Hands an instance to the daemon of its node as soon as its pod is bound: first the metadata, with the finalizer, since
 * from then on there may be a domain; then, where there is something to tell before it runs, the status. A controller
 * that dies between the two finds the label.
 */
export const handOver: InstanceStage = async (context) => {
  const { instance, pod, now } = context;
  const phase = instance.status?.phase ?? "Pending";
  if (phase !== "Pending" && phase !== "Scheduling") return undefined;
  const node = nodeOf(instance) ?? boundTo(pod);
  if (node === undefined) return undefined;
  const marked = isHandedOver(instance) ? instance : await mark(context, node);
  const status = withTrouble(scheduled(marked, pod, node, now), podTrouble(pod), now);
  const claims = await boundClaims(context);
  const left = claims.size > 0 || tellsTrouble(status) ? 0 : timeLeft(context);
  if (left > 0) return { after: left };
  await writeStatus(context, withClaims(status, marked, claims), marked);
  return "done";
};

/** Milliseconds for which nothing needs to be told of the hand-over. */
function timeLeft({ instance, pod, now }: InstanceContext): number {
  // What was told already, of a wait for a node, is to be taken back.
  if (!pod || instance.status?.phase !== undefined) return 0;
  return patience - (now.getTime() - Date.parse(pod.metadata?.creationTimestamp ?? ""));
}

/** The node of a pod that is there to stay. */
function boundTo(pod: Pod | undefined): string | undefined {
  return pod?.metadata?.deletionTimestamp === undefined ? pod?.spec?.nodeName || undefined : undefined;
}

async function mark(
  { client, world, instance, signal }: InstanceContext,
  node: string,
): Promise<VirtualMachineInstance> {
  const { name = "", namespace = "", resourceVersion, finalizers: held = [] } = instance.metadata;
  const spec = completed(instance.spec, defaulted(instance).spec);
  const patch = {
    metadata: {
      resourceVersion,
      labels: { [labels.nodeName]: node },
      finalizers: [...new Set([...held, finalizers.instance])],
    },
    // What the author of an instance without a VirtualMachine left open is written out in the same go.
    ...(isDeepStrictEqual(spec, instance.spec) ? {} : { spec }),
  };
  const marked = await client.mergePatch(instances, { name, namespace }, patch, { signal });
  await seen(world.instances.store, marked, signal);
  return marked;
}
