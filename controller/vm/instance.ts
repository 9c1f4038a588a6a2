import { group } from "../../api/group.ts";
import { controlledBy } from "../../api/kube/source.ts";
import { annotations, labels, reservedLabels } from "../../api/labels.ts";
import { instanceIdLabel } from "../../api/names.ts";
import { machines, type VirtualMachine, type VirtualMachineInstance } from "../../api/resources.ts";
import { defaulted } from "../defaulted.ts";
import { templateDigest } from "./template-digest.ts";

/** The instance that a machine asks for. */
export function instanceOf(machine: VirtualMachine, { paused = false } = {}): VirtualMachineInstance {
  const { metadata, spec } = machine;
  const { name = "", namespace = "", generation = 0 } = metadata;
  return defaulted({
    apiVersion: group.apiVersion,
    kind: "VirtualMachineInstance",
    metadata: {
      name,
      namespace,
      labels: { ...ofTheUser(spec.template.metadata?.labels), [labels.machineName]: instanceIdLabel(name) },
      annotations: {
        ...spec.template.metadata?.annotations,
        [annotations.machineGeneration]: String(generation),
        [annotations.templateDigest]: templateDigest(machine),
      },
      ownerReferences: [controlledBy(machine, machines)],
    },
    spec: { ...spec.template.spec, ...(paused ? { startStrategy: "Paused" } : {}) },
  });
}

/** A template may have been made from an instance that ran; its labels of that time say nothing of the next one. */
function ofTheUser(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([label]) => !reservedLabels.includes(label)));
}

/** Whether an instance was made from another template than its machine has now. */
export function isOutdated(machine: VirtualMachine, { metadata }: VirtualMachineInstance): boolean {
  const digest = metadata.annotations?.[annotations.templateDigest];
  return digest !== undefined && digest !== templateDigest(machine);
}
