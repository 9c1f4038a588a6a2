/** The names of each kind in the API. */
export const kinds = {
  VirtualMachine: { plural: "virtualmachines", singular: "virtualmachine", shortNames: ["vm", "vms"] },
  VirtualMachineInstance: {
    plural: "virtualmachineinstances",
    singular: "virtualmachineinstance",
    shortNames: ["vmi", "vmis"],
  },
  KubeVirt: { plural: "kubevirts", singular: "kubevirt", shortNames: ["kv", "kvs"] },
} as const;
export type Kind = keyof typeof kinds;

/** The kinds, in the order in which they are written out. */
export const kindNames = ["VirtualMachine", "VirtualMachineInstance", "KubeVirt"] as const satisfies readonly Kind[];
