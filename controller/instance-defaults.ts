import { withDefaults } from "../api/defaults.ts";
import type { VirtualMachineInstance } from "../api/resources.ts";

/** An instance with everything in its spec written out that its author left open. */
export function withInstanceDefaults(instance: VirtualMachineInstance): VirtualMachineInstance {
  const { apiVersion, kind, metadata, spec } = instance;
  const { name, namespace } = metadata;
  return { ...instance, spec: withDefaults({ apiVersion, kind, metadata: { name, namespace }, spec }).spec };
}

/**
 * What its author left open in a spec, written out where that can be taken for part of it: lists that the author wrote stay
 * as they are, since who applies the manifest again replaces them whole, and a spec may not change.
 */
export function fillGaps<T>(given: T, full: T): T {
  if (given === undefined) return full;
  if (Array.isArray(given) || typeof given !== "object" || given === null) return given;
  const all: T = { ...full };
  for (const name in all) all[name] = fillGaps(given[name], all[name]);
  return all;
}
