import { withDefaults } from "../api/defaults.ts";
import type { VirtualMachineInstance } from "../api/resources.ts";

/** An instance with all defaults of its spec written out. */
export function withInstanceDefaults(instance: VirtualMachineInstance): VirtualMachineInstance {
  const { apiVersion, kind, metadata, spec } = instance;
  const { name, namespace } = metadata;
  return { ...instance, spec: withDefaults({ apiVersion, kind, metadata: { name, namespace }, spec }).spec };
}

/**
 * A spec with defaults for the missing fields, but only where the author's manifest still matches. Lists of the author
 * stay as they are: applying the manifest again replaces lists as a whole, and a spec must not change.
 */
export function fillGaps<T>(given: T, full: T): T {
  if (given === undefined) return full;
  if (Array.isArray(given) || typeof given !== "object" || given === null) return given;
  const all: T = { ...full };
  for (const name in all) all[name] = fillGaps(given[name], all[name]);
  return all;
}
