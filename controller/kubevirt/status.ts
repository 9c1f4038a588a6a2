import type { KubeVirt } from "../../api/resources.ts";
import type { Condition } from "../../api/schema/condition.ts";
import { type NewCondition, setCondition } from "../../api/status/conditions.ts";
import { apiLevel } from "../api-server/version.ts";

/** The most settings without effect that a message names. */
const mostNamed = 20;

/**
 * The status of the object by which KubeVirt's clients recognise an installation. It has no phase and no operator
 * version in this release: the release before takes an object with them for KubeVirt's own, and would stand aside after
 * a rollback.
 */
export function statusOf({ metadata, spec, status = {} }: KubeVirt, now: Date): NonNullable<KubeVirt["status"]> {
  const ready = { reason: "AllComponentsReady", message: "All components are ready." };
  const ignored = settingsIn(spec);
  const named = [...ignored.slice(0, mostNamed), ...(ignored.length > mostNamed ? ["…"] : [])].join(", ");
  let conditions: readonly Condition[] = status.conditions ?? [];
  const told: NewCondition[] = [
    { type: "Available", status: "True", ...ready },
    { type: "Progressing", status: "False", ...ready },
    { type: "Degraded", status: "False", ...ready },
    { type: "Created", status: "True", reason: "AllResourcesCreated", message: "All resources were created." },
    ignored.length === 0
      ? { type: "SettingsInForce", status: "True", reason: "NothingSet", message: "Nothing is set." }
      : { type: "SettingsInForce", status: "False", reason: "NotSupported", message: `not supported: ${named}` },
  ];
  for (const condition of told) conditions = setCondition(conditions, condition, now);
  return {
    ...status,
    conditions: [...conditions],
    observedGeneration: metadata.generation ?? 0,
    observedKubeVirtVersion: apiLevel,
    targetKubeVirtVersion: apiLevel,
    defaultArchitecture: "amd64",
  };
}

/** The paths of all settings in a spec. None of them has an effect here, and the status tells the user so. */
function settingsIn(value: unknown, path = "spec"): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value === undefined ? [] : [path];
  return Object.entries(value).flatMap(([name, inner]) => settingsIn(inner, `${path}.${name}`));
}
