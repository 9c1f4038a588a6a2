import { group } from "../api/group.ts";
import { kinds } from "../api/kinds.ts";
import type { KubeObject, ObjectMeta } from "../api/kube/object.ts";
import type { Resource } from "../api/kube/resource.ts";
import type { VirtualMachine } from "../api/schema/virtual-machine.ts";
import type { VirtualMachineInstance } from "../api/schema/virtual-machine-instance.ts";

/** A virtual machine; its metadata is that of any object. */
export type Machine = Omit<VirtualMachine, "metadata"> & { metadata: ObjectMeta };

/** An instance; its metadata is that of any object. */
export type Instance = Omit<VirtualMachineInstance, "metadata"> & { metadata: ObjectMeta };

/** VirtualMachines. */
export const machines: Resource<Machine> = {
  group: group.name,
  version: group.version,
  plural: kinds.VirtualMachine.plural,
  kind: "VirtualMachine",
  namespaced: true,
};

/** VirtualMachineInstances. */
export const instances: Resource<Instance> = {
  group: group.name,
  version: group.version,
  plural: kinds.VirtualMachineInstance.plural,
  kind: "VirtualMachineInstance",
  namespaced: true,
};

/** A kind that commands can be given. */
export type TargetKind = "VirtualMachine" | "VirtualMachineInstance";

/** The resource of a kind, whose objects are known as far as the caller says. */
export function resourceOf<T extends KubeObject = KubeObject>(kind: TargetKind): Resource<T> {
  const { group: name, version, plural, namespaced } = kind === "VirtualMachine" ? machines : instances;
  return { group: name, version, plural, kind, namespaced };
}

/** The kind that a word of the command line stands for, as `vm`, `vmis` or `virtualmachines.kubevirt.io`. */
export function kindOfWord(word: string): TargetKind | undefined {
  const bare = word.toLowerCase().replace(/\.(v1\.)?kubevirt\.io$/, "");
  for (const kind of ["VirtualMachine", "VirtualMachineInstance"] as const) {
    const { plural, singular, shortNames } = kinds[kind];
    if ([plural, singular, ...shortNames].some((name) => name === bare)) return kind;
  }
  return undefined;
}

/** How kubectl names an object: `virtualmachine.kubevirt.io/web`. */
export function fullName(kind: TargetKind, name: string): string {
  return `${kinds[kind].singular}.${group.name}/${name}`;
}
