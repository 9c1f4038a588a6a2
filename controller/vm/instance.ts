import {
  annotations,
  labels,
  reservedAnnotations,
  reservedLabels,
  unsupportedAnnotations,
} from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { controlledBy } from "../../api/kube/controller/source.ts";
import { instanceIdLabel } from "../../api/names.ts";
import { machines, type VirtualMachine, type VirtualMachineInstance } from "../../api/resources.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import { withInstanceDefaults } from "../instance-defaults.ts";
import { templateDigest } from "./template-digest.ts";

/** The instance that a machine's template describes. */
export function instanceOf(machine: VirtualMachine, { paused = false } = {}): VirtualMachineInstance {
  const { metadata, spec } = machine;
  const { name = "", namespace = "", generation = 0 } = metadata;
  return withInstanceDefaults({
    apiVersion: group.apiVersion,
    kind: "VirtualMachineInstance",
    metadata: {
      name,
      namespace,
      labels: {
        ...without(reservedLabels, spec.template.metadata?.labels),
        [labels.machineName]: instanceIdLabel(name),
      },
      annotations: {
        ...without([...unsupportedAnnotations, ...reservedAnnotations], spec.template.metadata?.annotations),
        [annotations.machineGeneration]: String(generation),
        [annotations.templateDigest]: templateDigest(machine),
      },
      ownerReferences: [controlledBy(machine, machines)],
    },
    spec: { ...spec.template.spec, ...(paused ? { startStrategy: "Paused" } : {}) },
  });
}

/** A template may be older than the rule that refuses these, or may be copied from an instance that ran. */
function without(names: readonly string[], given: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));
}

/** Whether an instance was made from another template than its machine's present one. */
export function isOutdated(machine: SlimMachine, { metadata }: SlimInstance): boolean {
  const digest = metadata.annotations?.[annotations.templateDigest];
  return digest !== undefined && digest !== machine.templateDigest;
}
