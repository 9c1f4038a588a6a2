import { createHash } from "node:crypto";
import { ownerKey } from "../kube/controller/source.ts";
import type { ReadonlyStore } from "../kube/controller/store.ts";
import type { Pod } from "../kube/resources/core-resources.ts";
import { joinKey, type KubeObject, type ObjectMeta } from "../kube/resources/object.ts";
import { instances } from "../resources.ts";
import { annotations } from "./labels.ts";

/*
 * An instance's placeholder is the pod that the controller has made for it. Whoever may create pods can give one the same
 * name, labels and owner reference, so the controller records the UID of its own pod in the instance's metadata, and
 * nobody but the controller may write that annotation (deploy/objects/instance-guard.ts).
 */

/** What of an instance names its placeholder. */
export type InstanceMeta = Pick<ObjectMeta, "namespace" | "name" | "uid">;

/** What the names of placeholder pods begin with. */
export const placeholderPrefix = "virt-launcher-";

/** How many characters of an instance's name are in its placeholder's, which has no more than 253, as the instance's. */
export const placeholderNameLength = 233;

/** The name of an instance's placeholder pod: the same one whenever it is asked for, another one for its successor. */
export function placeholderName({ name = "", uid = "" }: InstanceMeta): string {
  const suffix = createHash("sha256").update(uid).digest("hex").slice(0, 5);
  return `${placeholderPrefix}${name.slice(0, placeholderNameLength).replace(/[-.]+$/, "")}-${suffix}`;
}

/** The UID of the pod that the controller has made for an instance; undefined until the controller has recorded it. */
export function recordedPlaceholder({ annotations: given }: Pick<ObjectMeta, "annotations">): string | undefined {
  return given?.[annotations.placeholderUid];
}

/** The placeholder pod of an instance among others: the one that the controller has recorded. */
export function placeholderIn(
  pods: Pick<ReadonlyStore<Pod>, "get">,
  instance: InstanceMeta & Pick<ObjectMeta, "annotations">,
): Pod | undefined {
  const pod = claimantIn(pods, instance);
  return pod && pod.metadata?.uid === recordedPlaceholder(instance) ? pod : undefined;
}

/** The pod that has the name and the owner of an instance's placeholder. Anybody who may create pods can make one. */
export function claimantIn(pods: Pick<ReadonlyStore<Pod>, "get">, instance: InstanceMeta): Pod | undefined {
  const pod = pods.get(joinKey(placeholderName(instance), instance.namespace));
  return pod && isOfInstance(pod, instance) ? pod : undefined;
}

/** Whether a pod says that its controller is this very instance. */
export function isOfInstance(pod: KubeObject, { namespace, name, uid }: InstanceMeta): boolean {
  const controlling = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return ownerKey(pod, instances) === joinKey(name ?? "", namespace) && controlling?.uid === uid;
}
