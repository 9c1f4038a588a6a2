import type { KubeObject, ObjectMeta } from "../../api/kube/object.ts";
import { exceeds } from "./size.ts";

/**
 * The bytes that an object takes at most where it is held whole, and where it is held in short. An ordinary instance that
 * runs takes about 12 KiB, and 7 in short; one that etcd takes may be a hundred times as large, and a tenant may have
 * thousands of them.
 */
export const heldBytes = { whole: 24 * 1024, short: 16 * 1024 } as const;

/**
 * What the controller holds of an object: a few kilobytes, whatever its author and its guest have put into it. The types
 * keep the parts apart, so that a part is never taken for the whole.
 */
export interface Held<Summary, Short, Whole> extends KubeObject {
  readonly metadata: Identity;
  /** What indexes and metrics need, and is always small. */
  readonly summary: Summary;
  /** What reconcilers decide by; missing where that alone is too large. What is held whole shares its parts. */
  readonly short: Short | undefined;
  /** The object itself; missing where it is too large. */
  readonly whole: Whole | undefined;
}

/** Which object it is, in which version. */
export type Identity = Pick<ObjectMeta, "name" | "namespace" | "uid" | "resourceVersion">;

/** What is held of an object, of which a summary and what reconcilers decide by were made. */
export function held<Summary, Short extends object, Whole extends KubeObject>(
  whole: Whole,
  summary: Summary,
  short: Short,
): Held<Summary, Short, Whole> {
  const { name, namespace, uid, resourceVersion } = whole.metadata ?? {};
  delete whole.metadata?.managedFields;
  const isSmall = !exceeds(whole, heldBytes.whole);
  return {
    metadata: given({ name, namespace, uid, resourceVersion }),
    summary,
    short: isSmall || !exceeds(short, heldBytes.short) ? short : undefined,
    whole: isSmall ? whole : undefined,
  };
}

/** An object without those of its fields that are `undefined`. */
export function given<T extends object>(fields: { readonly [Field in keyof T]: T[Field] | undefined }): Partial<T>;
export function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Those entries of a map that have one of some names; `undefined` when there are none. */
export function entriesOf<Name extends string>(
  all: Readonly<Record<string, string>> | undefined,
  names: readonly Name[],
): { [Key in Name]?: string } | undefined {
  const found: { [Key in Name]?: string } = {};
  for (const name of names) {
    const value = all?.[name];
    if (value !== undefined) found[name] = value;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
