import { withDefaults } from "../api/defaults.ts";
import type { VirtualMachineInstance } from "../api/resources.ts";

/** An instance with everything in its spec written out that its author left open. */
export function defaulted(instance: VirtualMachineInstance): VirtualMachineInstance {
  const { apiVersion, kind, metadata, spec } = instance;
  const { name, namespace } = metadata;
  return { ...instance, spec: withDefaults({ apiVersion, kind, metadata: { name, namespace }, spec }).spec };
}
