import { group } from "./group.ts";
import { type Kind, kinds } from "./kinds.ts";
import type { KubeObject, ObjectMeta } from "./kube/resources/object.ts";
import type { Resource } from "./kube/resources/resource.ts";
import type { KubeVirt as KubeVirtSchema } from "./schema/kubevirt.ts";
import type { VirtualMachine as MachineSchema } from "./schema/virtual-machine.ts";
import type { VirtualMachineInstance as InstanceSchema } from "./schema/virtual-machine-instance.ts";

/** The metadata of objects in `api/kube`, in the form that the schemas accept too. */
type Metadata = { [Field in keyof ObjectMeta]: ObjectMeta[Field] };

/** A VirtualMachine as the API server returns it. */
export type VirtualMachine = Omit<MachineSchema, "metadata"> & { metadata: Metadata };

/** A VirtualMachineInstance as the API server returns it. */
export type VirtualMachineInstance = Omit<InstanceSchema, "metadata"> & { metadata: Metadata };

/** The KubeVirt object of an installation as the API server returns it. */
export type KubeVirt = Omit<KubeVirtSchema, "metadata"> & { metadata: Metadata };

export const machines = resourceOf<VirtualMachine>("VirtualMachine");
export const instances = resourceOf<VirtualMachineInstance>("VirtualMachineInstance");
export const kubevirts = resourceOf<KubeVirt>("KubeVirt");

/** The resource of a kind. The caller chooses how much of the objects' type is known. */
export function resourceOf<T extends KubeObject = KubeObject>(kind: Kind): Resource<T> {
  return { group: group.name, version: group.version, plural: kinds[kind].plural, kind, namespaced: true };
}
