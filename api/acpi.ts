import type { Domain } from "./schema/domain.ts";

/** KubeVirt's message for a guest that cannot be rebooted. The guest agent would do it, or else the power button. */
export const deafToReboot = "VMI neither have the agent connected nor the ACPI feature enabled";

/** Whether a guest has a power button. */
export function hasAcpi({ features }: Domain): boolean {
  return features?.acpi?.enabled !== false;
}
