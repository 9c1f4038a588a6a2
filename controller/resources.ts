import type { V1Node, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { group } from "../api/group.ts";
import { kinds } from "../api/kinds.ts";
import type { ObjectMeta } from "../api/kube/object.ts";
import type { Resource } from "../api/kube/resource.ts";
import type { Wire } from "../api/kube/wire.ts";
import type { VirtualMachine as WireMachine } from "../api/schema/virtual-machine.ts";
import type { VirtualMachineInstance as WireInstance } from "../api/schema/virtual-machine-instance.ts";

/** The metadata of objects as `api/kube` has them, in the form that the schemas take too. */
type Metadata = { [Field in keyof ObjectMeta]: ObjectMeta[Field] };

export type VirtualMachine = Omit<WireMachine, "metadata"> & { metadata: Metadata };
export type VirtualMachineInstance = Omit<WireInstance, "metadata"> & { metadata: Metadata };
export type Pod = Wire<V1Pod>;
export type Node = Wire<V1Node>;
export type Claim = Wire<V1PersistentVolumeClaim>;

export const machines: Resource<VirtualMachine> = {
  group: group.name,
  version: group.version,
  plural: kinds.VirtualMachine.plural,
  kind: "VirtualMachine",
  namespaced: true,
};

export const instances: Resource<VirtualMachineInstance> = {
  group: group.name,
  version: group.version,
  plural: kinds.VirtualMachineInstance.plural,
  kind: "VirtualMachineInstance",
  namespaced: true,
};

export const pods: Resource<Pod> = { group: "", version: "v1", plural: "pods", kind: "Pod", namespaced: true };

export const nodes: Resource<Node> = { group: "", version: "v1", plural: "nodes", kind: "Node", namespaced: false };

export const claims: Resource<Claim> = {
  group: "",
  version: "v1",
  plural: "persistentvolumeclaims",
  kind: "PersistentVolumeClaim",
  namespaced: true,
};
