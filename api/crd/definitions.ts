import type { z } from "zod";
import { group } from "../group.ts";
import { type Kind, kindNames, kinds } from "../kinds.ts";
import { kubevirt } from "../schema/kubevirt.ts";
import { virtualMachine } from "../schema/virtual-machine.ts";
import { virtualMachineInstance } from "../schema/virtual-machine-instance.ts";
import { instanceRefusals, type Refusal, refusalsOf, vmRefusals } from "../unsupported.ts";
import { structuralOf } from "./structural.ts";
import { type StructuralSchema } from "./structural-schema.ts";
import { withoutDefaults } from "./without-defaults.ts";

/** A CustomResourceDefinition of `apiextensions.k8s.io/v1`, as far as ours need it. */
export interface CustomResourceDefinition {
  apiVersion: "apiextensions.k8s.io/v1";
  kind: "CustomResourceDefinition";
  metadata: { name: string };
  spec: {
    group: string;
    names: {
      kind: Kind;
      listKind: string;
      plural: string;
      singular: string;
      shortNames: readonly string[];
      categories?: readonly string[];
    };
    scope: "Namespaced";
    versions: [CustomResourceVersion];
  };
}

interface CustomResourceVersion {
  name: string;
  served: true;
  storage: true;
  additionalPrinterColumns: readonly PrinterColumn[];
  subresources: { status: Record<string, never> };
  schema: { openAPIV3Schema: StructuralSchema };
}

interface PrinterColumn {
  name: string;
  type: "string" | "date";
  jsonPath: string;
  /** 1 for a column that only `-o wide` shows. */
  priority?: 1;
  description?: string;
}

const age: PrinterColumn = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };
const condition = (type: string, name = type): PrinterColumn => ({
  name,
  type: "string",
  jsonPath: `.status.conditions[?(@.type=='${type}')].status`,
});
const text = (name: string, jsonPath: string): PrinterColumn => ({ name, type: "string", jsonPath });

/** The refusals of each kind. */
export const refusals: Readonly<Record<Kind, readonly Refusal[]>> = {
  VirtualMachine: [...refusalsOf(instanceRefusals, "spec.template.spec"), ...refusalsOf(vmRefusals, "spec")],
  VirtualMachineInstance: refusalsOf(instanceRefusals, "spec"),
  KubeVirt: [],
};

/** The schema of each kind. */
export const schemas = {
  VirtualMachine: virtualMachine,
  VirtualMachineInstance: virtualMachineInstance,
  KubeVirt: kubevirt,
} as const satisfies Record<Kind, z.ZodType>;

const columns: Readonly<Record<Kind, readonly PrinterColumn[]>> = {
  VirtualMachine: [age, text("Status", ".status.printableStatus"), condition("Ready")],
  VirtualMachineInstance: [
    age,
    text("Phase", ".status.phase"),
    text("IP", ".status.interfaces[0].ipAddress"),
    text("NodeName", ".status.nodeName"),
    condition("Ready"),
    { ...condition("LiveMigratable", "Live-Migratable"), priority: 1 },
    { ...condition("Paused"), priority: 1 },
  ],
  KubeVirt: [age, text("Phase", ".status.phase")],
};

/**
 * The schema of a kind as its definition has it. A template has no defaults: the instance gets them when it is made. A
 * machine's status is an empty object by default, so that requests can be added to it.
 */
export function structuralSchema(kind: Kind): StructuralSchema {
  const schema = structuralOf(schemas[kind], refusals[kind]);
  if (kind !== "VirtualMachine") return schema;
  const machine = withoutDefaults(schema);
  const { properties } = machine;
  return { ...machine, properties: { ...properties, status: { ...properties?.status, default: {} } } };
}

/** The definition of a kind. */
export function definition(kind: Kind): CustomResourceDefinition {
  const names = kinds[kind];
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${names.plural}.${group.name}` },
    spec: {
      group: group.name,
      names: {
        kind,
        listKind: `${kind}List`,
        ...names,
        ...(kind === "KubeVirt" ? {} : { categories: ["all"] }),
      },
      scope: "Namespaced",
      versions: [
        {
          name: group.version,
          served: true,
          storage: true,
          additionalPrinterColumns: columns[kind],
          subresources: { status: {} },
          schema: { openAPIV3Schema: structuralSchema(kind) },
        },
      ],
    },
  };
}

/** All definitions. */
export function definitions(): CustomResourceDefinition[] {
  return kindNames.map(definition);
}
