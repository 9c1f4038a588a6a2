import type { Domain } from "./schema/domain.ts";

/** Why a guest cannot be asked to start anew, in KubeVirt's words; the agent would do it, and else the power button. */
export const deafToReboot = "VMI neither have the agent connected nor the ACPI feature enabled";

/** Whether a guest has a power button. */
export function hasAcpi({ features }: Domain): boolean {
  return features?.acpi?.enabled !== false;
}
