import type { KubeObject, ObjectMeta } from "../../api/kube/resources/object.ts";
import { given } from "./fields.ts";
import { exceeds } from "./size.ts";

/**
 * The bytes that an object takes at most where it is held whole, and where it is held in slim form. An ordinary instance that
 * runs takes about 12 KiB, and 7 in slim form; one that etcd takes may be a hundred times as large, and a tenant may have
 * thousands of them.
 */
export const cachedBytes = { whole: 24 * 1024, short: 16 * 1024 } as const;

/**
 * What the controller holds of an object: a few kilobytes, whatever its author and its guest have put into it. The types
 * keep the parts apart, so that a part is never taken for the whole.
 */
export interface Cached<Summary, Short, Whole> extends KubeObject {
  readonly metadata: Identity;
  /** What indexes and metrics need, and is always small. */
  readonly summary: Summary;
  /** What reconcilers decide by; missing where that alone is too large. What is held whole shares its parts. */
  readonly slim: Short | undefined;
  /** The object itself; missing where it is too large. */
  readonly whole: Whole | undefined;
}

/** Which object it is, in which version. */
export type Identity = Pick<ObjectMeta, "name" | "namespace" | "uid" | "resourceVersion">;

/** What is held of an object, of which a summary and what reconcilers decide by were made. */
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
