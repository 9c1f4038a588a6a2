import type { ObjectMeta } from "../resources/object.ts";

/**
 * Compares objects of one resource by the order of their last writes to the API server. The times inside objects come
 * from several clocks: events of a pod, for example, come from the scheduler and from its node.
 */
export function byWrite(a: { metadata?: ObjectMeta }, b: { metadata?: ObjectMeta }): number {
  return versionOf(a) - versionOf(b);
}

/** The number of a write; it grows (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). */
function versionOf({ metadata }: { metadata?: ObjectMeta }): number {
  return Number(metadata?.resourceVersion) || 0;
}
