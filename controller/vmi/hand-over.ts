import { isDeepStrictEqual } from "node:util";
import type { Pod } from "../../api/kube/core-resources.ts";
import { finalizers, labels } from "../../api/labels.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";
import { defaulted } from "../defaulted.ts";
import { boundClaims, withClaims } from "./claims.ts";
import type { InstanceContext, InstanceStage } from "./context.ts";
import { reached } from "./phase.ts";
import { podTrouble } from "./pod-trouble.ts";
import { withTrouble, writeStatus } from "./status.ts";

/** Whether a node daemon was told of an instance, and may have a domain of it. */
export function isHandedOver(instance: VirtualMachineInstance): boolean {
  return nodeOf(instance) !== undefined;
}

/** The node that an instance was handed over to. */
export function nodeOf({ metadata, status }: VirtualMachineInstance): string | undefined {
  return metadata.labels?.[labels.nodeName] ?? status?.nodeName;
}

/**
 * Hands an instance to the daemon of its node as soon as its pod is bound: first the metadata, with the finalizer, since
 * from then on there may be a domain; then the status. A controller that dies between the two finds the label.
 */
export const handOver: InstanceStage = async (context) => {
  const { instance, pod } = context;
  const phase = instance.status?.phase ?? "Pending";
  if (phase !== "Pending" && phase !== "Scheduling") return undefined;
  const node = nodeOf(instance) ?? boundTo(pod);
  if (node === undefined) return undefined;
  const marked = isHandedOver(instance) ? instance : await mark(context, node);
  const status = withClaims(scheduled(marked, pod, node, context.now), marked, await boundClaims(context));
  await writeStatus(context, status, marked);
  return "done";
};

/** The node of a pod that is there to stay. */
function boundTo(pod: Pod | undefined): string | undefined {
  return pod?.metadata?.deletionTimestamp === undefined ? pod?.spec?.nodeName || undefined : undefined;
}

async function mark({ client, instance, signal }: InstanceContext, node: string): Promise<VirtualMachineInstance> {
  const { name = "", namespace = "", resourceVersion, finalizers: held = [] } = instance.metadata;
  const { spec } = defaulted(instance);
  const patch = {
    metadata: {
      resourceVersion,
      labels: { [labels.nodeName]: node },
      finalizers: [...new Set([...held, finalizers.instance])],
    },
    // What the author of an instance without a VirtualMachine left open is written out in the same go.
    ...(isDeepStrictEqual(spec, instance.spec) ? {} : { spec }),
  };
  return client.mergePatch(instances, { name, namespace }, patch, { signal });
}

/** The status of an instance that is handed over; without the pod when that is gone already, which the daemon will see. */
function scheduled(
  instance: VirtualMachineInstance,
  pod: Pod | undefined,
  node: string,
  now: Date,
): NonNullable<VirtualMachineInstance["status"]> {
  const uid = pod?.metadata?.uid;
  const qosClass = qosClassOf(pod);
  const status = {
    ...reached(instance, "Scheduled", pod, now),
    nodeName: node,
    ...(uid === undefined ? {} : { activePods: { [uid]: node } }),
    ...(qosClass === undefined ? {} : { qosClass }),
  };
  return withTrouble(status, podTrouble(pod), now);
}

function qosClassOf(pod: Pod | undefined): "Guaranteed" | "Burstable" | "BestEffort" | undefined {
  const name = pod?.status?.qosClass;
  return name === "Guaranteed" || name === "Burstable" || name === "BestEffort" ? name : undefined;
}
