import type { Condition } from "../schema/condition.ts";
import { clipped } from "../values/clipped.ts";

/** The condition of a type. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether there is a condition of a type, and it is True. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === "True";
}

/** A condition to set; `setCondition` adds the times. */
export interface NewCondition {
  type: string;
  status: Condition["status"];
  reason?: string;
  message?: string;
}

/** The longest message of a condition, in characters: an API server that refuses an object may list all of it. */
const longestMessage = 2048;

/**
 * Sets one condition and clips its message if it is very long. The transition time changes only with the status. When
 * nothing changes, the function returns the same list, so that the caller sees that there is nothing to write.
 */
export function setCondition<T extends readonly Condition[] | undefined>(
  conditions: T,
  { message: said, ...rest }: NewCondition,
  now: Date,
): T | readonly Condition[] {
  const next: NewCondition = said === undefined ? rest : { ...rest, message: clipped(said, longestMessage) };
  const last = conditionOf(conditions, next.type);
  if (last && last.status === next.status && last.reason === next.reason && last.message === next.message) {
    return conditions;
  }
  const kept = last?.status === next.status ? last.lastTransitionTime : undefined;
  const condition: Condition = { ...next, lastTransitionTime: kept ?? timestamp(now) };
  if (last?.lastProbeTime !== undefined) condition.lastProbeTime = last.lastProbeTime;
  if (!last) return [...(conditions ?? []), condition];
  return (conditions ?? []).map((old) => (old === last ? condition : old));
}

/** The conditions without those of a type; the same list when there are none. */
export function removeCondition<T extends readonly Condition[] | undefined>(
  conditions: T,
  type: string,
): T | readonly Condition[] {
  return conditionOf(conditions, type) ? (conditions ?? []).filter((condition) => condition.type !== type) : conditions;
}

/** A time in the API's form: RFC 3339, whole seconds. */
export function timestamp(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
