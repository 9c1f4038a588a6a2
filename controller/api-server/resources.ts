import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";
import type { KubeObject, ObjectMeta } from "../../api/kube/object.ts";
import type { Resource } from "../../api/kube/resource.ts";
import type { VirtualMachine as WireMachine } from "../../api/schema/virtual-machine.ts";
import type { VirtualMachineInstance as WireInstance } from "../../api/schema/virtual-machine-instance.ts";

/** The metadata of objects as `api/kube` has them, in the form that the schemas take too. */
type Metadata = { [Field in keyof ObjectMeta]: ObjectMeta[Field] };

export type VirtualMachine = Omit<WireMachine, "metadata"> & { metadata: Metadata };
export type VirtualMachineInstance = Omit<WireInstance, "metadata"> & { metadata: Metadata };

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

/** A ConfigMap as far as it is read here. */
export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

export const configMaps: Resource<ConfigMap> = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
};

/** A pod of the node daemon as far as it is read here. */
export interface DaemonPod extends KubeObject {
  spec?: { nodeName?: string };
  status?: { podIP?: string; phase?: string; conditions?: readonly { type: string; status: string }[] };
}

export const pods: Resource<DaemonPod> = {
  group: "",
  version: "v1",
  plural: "pods",
  kind: "Pod",
  namespaced: true,
};
