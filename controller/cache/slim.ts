import type { KubeObject, ObjectMeta } from "../../api/kube/resources/object.ts";
import { given } from "./fields.ts";
import { exceeds } from "./size.ts";

/**
 * The most bytes of a cached object, whole and in slim form. An ordinary running instance takes about 12 KiB, and 7 in
 * slim form. The largest instance that etcd stores may be a hundred times as large, and a tenant may have thousands of
 * them.
 */
export const cachedBytes = { whole: 24 * 1024, short: 16 * 1024 } as const;

/**
 * The controller's cached part of an object: a few kilobytes, whatever its author and its guest write. The types keep
 * the parts apart, so that code cannot take a part for the whole object.
 */
export interface Cached<Summary, Short, Whole> extends KubeObject {
  readonly metadata: Identity;
  /** The data for indexes and metrics; it is always small. */
  readonly summary: Summary;
  /** The data for reconcilers' decisions; missing where it alone is too large. It shares its parts with `whole`. */
  readonly slim: Short | undefined;
  /** The object itself; missing where it is too large. */
  readonly whole: Whole | undefined;
}

/** The object's identity and version. */
export type Identity = Pick<ObjectMeta, "name" | "namespace" | "uid" | "resourceVersion">;

/** The cached form of an object, from the whole object, its summary and its slim form. */
export function cached<Summary, Short extends object, Whole extends KubeObject>(
  whole: Whole,
  summary: Summary,
  short: Short,
): Cached<Summary, Short, Whole> {
  const { name, namespace, uid, resourceVersion } = whole.metadata ?? {};
  delete whole.metadata?.managedFields;
  const isSmall = !exceeds(whole, cachedBytes.whole);
  return {
    metadata: given({ name, namespace, uid, resourceVersion }),
    summary,
    slim: isSmall || !exceeds(short, cachedBytes.short) ? short : undefined,
    whole: isSmall ? whole : undefined,
  };
}
