import type { ObjectMeta } from "../resources/object.ts";

/**
 * Puts objects of one resource in the order in which the API server was last told of them. The times that they say of
 * themselves are those of several clocks, as events of a pod come from the scheduler and from its node.
 */
export function byWrite(a: { metadata?: ObjectMeta }, b: { metadata?: ObjectMeta }): number {
  return versionOf(a) - versionOf(b);
}

/** The number of a write, which counts up (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). */
function versionOf({ metadata }: { metadata?: ObjectMeta }): number {
  return Number(metadata?.resourceVersion) || 0;
}
