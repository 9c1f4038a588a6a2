import type { InstanceSpec } from "./schema/instance-spec.ts";

/** Why a guest cannot be asked to start anew, in KubeVirt's words; the agent would do it, and else the power button. */
export const deafToReboot = "VMI neither have the agent connected nor the ACPI feature enabled";

/** Whether anybody in a guest would hear that it is to start anew. */
export function canReboot({ domain }: InstanceSpec, hasAgent: boolean): boolean {
  return hasAgent || domain.features?.acpi?.enabled !== false;
}
