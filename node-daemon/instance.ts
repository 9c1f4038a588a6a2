import type { V1Pod } from "@kubernetes/client-node";
import { group } from "../api/group.ts";
import { kinds } from "../api/kinds.ts";
import type { KubeObject } from "../api/kube/object.ts";
import type { Resource } from "../api/kube/resource.ts";
import type { Wire } from "../api/kube/wire.ts";
import type { VirtualMachineInstance } from "../api/schema/virtual-machine-instance.ts";

/** A VirtualMachineInstance as it comes from the API server: it has a name, a namespace and a uid. */
export type Instance = VirtualMachineInstance & KubeObject;

/** A pod as it is on the wire. */
export type Pod = Wire<V1Pod>;

export const instances: Resource<Instance> = {
  group: group.name,
  version: group.version,
  plural: kinds.VirtualMachineInstance.plural,
  kind: "VirtualMachineInstance",
  namespaced: true,
};

export const pods: Resource<Pod> = { group: "", version: "v1", plural: "pods", kind: "Pod", namespaced: true };

/** What names an instance for good: a new one of the same name has another uid. */
export interface InstanceIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The identity of an instance; throws for an object that never was in an API server. */
export function identityOf({ metadata: { namespace, name, uid } }: Instance): InstanceIdentity {
  if (!namespace || !name || !uid) throw new TypeError("an instance without namespace, name or uid");
  return { namespace, name, uid };
}

/** The name of an instance's domain. Neither part can have an underscore, so no two instances share it. */
export function domainName({ namespace, name }: Pick<InstanceIdentity, "namespace" | "name">): string {
  return `${namespace}_${name}`;
}
