import { annotations } from "./contract/labels.ts";
import { group } from "./group.ts";
import type { KubeObject, ObjectMeta } from "./kube/resources/object.ts";
import type { Resource } from "./kube/resources/resource.ts";

/** What a machine was when an instance was made of it; an object of Kubernetes' own. */
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

/** What the names of revisions begin with; KubeVirt's. */
export const revisionPrefix = "revision-start-vm-";

/** The name of the revision of a machine, by its UID, at a generation; KubeVirt's. */
export function revisionName(machineUid: string, generation: number): string {
  return `${revisionPrefix}${machineUid}-${generation}`;
}

/** The generation of its machine that an instance was made of; `undefined` where it was made of none. */
export function generationOf({ annotations: noted }: Pick<ObjectMeta, "annotations">): number | undefined {
  const generation = noted?.[annotations.machineGeneration];
  return generation !== undefined && /^\d{1,15}$/.test(generation) ? Number(generation) : undefined;
}

/** The name of the revision that an instance was made of; `undefined` where it has no machine. */
export function revisionOf(metadata: Pick<ObjectMeta, "annotations" | "ownerReferences">): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const generation = generationOf(metadata);
  const isMachine = owner?.kind === "VirtualMachine" && owner.apiVersion === group.apiVersion;
  return isMachine && generation !== undefined ? revisionName(owner.uid, generation) : undefined;
}
