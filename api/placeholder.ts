import { createHash } from "node:crypto";
import type { Pod } from "./kube/core-resources.ts";
import { joinKey, type ObjectMeta } from "./kube/object.ts";
import { ownerKey } from "./kube/source.ts";
import type { ReadonlyStore } from "./kube/store.ts";
import { instances } from "./resources.ts";

/** What of an instance its placeholder is known by. */
export type InstanceMeta = Pick<ObjectMeta, "namespace" | "name" | "uid">;

/** The name of an instance's placeholder pod: the same one whenever it is asked for, another one for its successor. */
export function placeholderName({ name = "", uid = "" }: InstanceMeta): string {
  const suffix = createHash("sha256").update(uid).digest("hex").slice(0, 5);
  // A pod's name has no more than 253 characters, as that of the instance.
  return `virt-launcher-${name.slice(0, 233).replace(/[-.]+$/, "")}-${suffix}`;
}

/**
 * The placeholder pod of an instance among others. Labels make none: whoever may make pods, in whatever namespace, may
 * write them. One of its name that belongs to somebody else is not it either.
 */
export function placeholderIn(pods: Pick<ReadonlyStore<Pod>, "get">, instance: InstanceMeta): Pod | undefined {
  const pod = pods.get(joinKey(placeholderName(instance), instance.namespace));
  return pod && isOfInstance(pod, instance) ? pod : undefined;
}

/** Whether a pod's controller is this very instance. */
export function isOfInstance(pod: Pod, { namespace, name, uid }: InstanceMeta): boolean {
  const controlling = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return ownerKey(pod, instances) === joinKey(name ?? "", namespace) && controlling?.uid === uid;
}
