import { createHash } from "node:crypto";
import { ownerKey } from "../kube/controller/source.ts";
import type { ReadonlyStore } from "../kube/controller/store.ts";
import type { Pod } from "../kube/resources/core-resources.ts";
import { joinKey, type KubeObject, type ObjectMeta } from "../kube/resources/object.ts";
import { instances } from "../resources.ts";
import { annotations } from "./labels.ts";

/*
 * An instance's placeholder is the pod that the controller made for the instance. Any user who may create pods can give
 * a pod the same name, labels and owner reference. So the controller records the UID of its own pod in the instance's
 * metadata. Only the controller may write that annotation (deploy/objects/instance-guard.ts).
 */

/** The metadata of an instance that its placeholder's name depends on. */
export type InstanceMeta = Pick<ObjectMeta, "namespace" | "name" | "uid">;

/** The prefix of the names of placeholder pods. */
export const placeholderPrefix = "virt-launcher-";

/** Most characters of an instance's name in its placeholder's name; both names have at most 253 characters. */
export const placeholderNameLength = 233;

/** The name of an instance's placeholder pod: always the same for one instance, and another one for its successor. */
export function placeholderName({ name = "", uid = "" }: InstanceMeta): string {
  const suffix = createHash("sha256").update(uid).digest("hex").slice(0, 5);
  return `${placeholderPrefix}${name.slice(0, placeholderNameLength).replace(/[-.]+$/, "")}-${suffix}`;
}

/** The UID of the pod that the controller made for an instance; undefined until the controller has recorded it. */
export function recordedPlaceholder({ annotations: given }: Pick<ObjectMeta, "annotations">): string | undefined {
  return given?.[annotations.placeholderUid];
}

/** The placeholder pod of an instance: the pod that the controller has recorded. */
export function placeholderIn(
  pods: Pick<ReadonlyStore<Pod>, "get">,
  instance: InstanceMeta & Pick<ObjectMeta, "annotations">,
): Pod | undefined {
  const pod = placeholderCandidateIn(pods, instance);
  return pod && pod.metadata?.uid === recordedPlaceholder(instance) ? pod : undefined;
}

/** The pod with the name and owner of an instance's placeholder. Any user who may create pods can make one. */
export function placeholderCandidateIn(pods: Pick<ReadonlyStore<Pod>, "get">, instance: InstanceMeta): Pod | undefined {
  const pod = pods.get(joinKey(placeholderName(instance), instance.namespace));
  return pod && isOfInstance(pod, instance) ? pod : undefined;
}

/** Whether a pod's controlling owner reference names exactly this instance. */
export function isOfInstance(pod: KubeObject, { namespace, name, uid }: InstanceMeta): boolean {
  const controlling = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return ownerKey(pod, instances) === joinKey(name ?? "", namespace) && controlling?.uid === uid;
}
