import { structuralSchema } from "./crd/definitions.ts";
import type { StructuralSchema } from "./crd/structural-schema.ts";
import type { InstanceStatus } from "./schema/instance-status.ts";
import type { VirtualMachineInstance } from "./schema/virtual-machine-instance.ts";
import { withSpecDefaults } from "./spec-defaults.ts";
import { timestamp } from "./status/conditions.ts";

let instanceSchema: StructuralSchema | undefined;

/**
 * An instance with all defaults written out. An API server has already filled in the defaults of the definition (one
 * CPU, q35, the grace period). They are filled in here too, for a client that has not asked an API server. Existing
 * values do not change, so a second call changes nothing.
 */
export function withDefaults(instance: VirtualMachineInstance): VirtualMachineInstance {
  const filled = withSchemaDefaults(instance);
  return { ...filled, spec: withSpecDefaults(filled.metadata, filled.spec) };
}

/** An instance with only the defaults that an API server fills in: those of its definition. */
export function withSchemaDefaults(instance: VirtualMachineInstance): VirtualMachineInstance {
  instanceSchema ??= structuralSchema("VirtualMachineInstance");
  return { ...instance, spec: fill(instance.spec, instanceSchema.properties?.spec) };
}

/** The status that a new instance begins with. */
export function initialStatus(now: Date): InstanceStatus {
  const time = timestamp(now);
  return { phase: "Pending", phaseTransitionTimestamps: [{ phase: "Pending", phaseTransitionTimestamp: time }] };
}

/** A value with the defaults of its schema, filled in as an API server does it. */
function fill<T>(value: T, schema: StructuralSchema | undefined): T;
function fill(value: unknown, schema: StructuralSchema | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, schema?.items));
  if (typeof value !== "object" || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    filled[name] ??= structuredClone(property.default);
    if (filled[name] === undefined) delete filled[name];
    else filled[name] = fill(filled[name], property);
  }
  return filled;
}
