import { annotations } from "./contract/labels.ts";
import { group } from "./group.ts";
import type { KubeObject, ObjectMeta } from "./kube/resources/object.ts";
import type { Resource } from "./kube/resources/resource.ts";

/** A machine's spec at the time when an instance was made from it; one of Kubernetes' own kinds. */
export interface ControllerRevision extends KubeObject {
  readonly data: { readonly spec: object };
  readonly revision: number;
}

export const controllerRevisions: Resource<ControllerRevision> = {
  group: "apps",
  version: "v1",
  plural: "controllerrevisions",
  kind: "ControllerRevision",
  namespaced: true,
};

/** The prefix of the names of revisions; KubeVirt's. */
export const revisionPrefix = "revision-start-vm-";

/** The name of a machine's revision, from the machine's UID and a generation; KubeVirt's form. */
export function revisionName(machineUid: string, generation: number): string {
  return `${revisionPrefix}${machineUid}-${generation}`;
}

/** The generation of the machine that an instance was made from; `undefined` if it was not made from a machine. */
export function generationOf({ annotations: noted }: Pick<ObjectMeta, "annotations">): number | undefined {
  const generation = noted?.[annotations.machineGeneration];
  return generation !== undefined && /^\d{1,15}$/.test(generation) ? Number(generation) : undefined;
}

/** The name of the revision that an instance was made from; `undefined` if it has no machine. */
export function revisionOf(metadata: Pick<ObjectMeta, "annotations" | "ownerReferences">): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const generation = generationOf(metadata);
  const isMachine = owner?.kind === "VirtualMachine" && owner.apiVersion === group.apiVersion;
  return isMachine && generation !== undefined ? revisionName(owner.uid, generation) : undefined;
}
