import { z } from "zod";
import { isQuantity, quantityPattern } from "../values/quantity.ts";
import { isTimeZone, timeZonePattern } from "../values/time-zone.ts";
import type { Constraint } from "./rule.ts";

/**
 * The building blocks of the schemas. Features that JSON Schema lacks go into zod's metadata under their names in a
 * CustomResourceDefinition; `crd/structural.ts` takes them from there.
 *
 * Lists, maps and texts have bounds, so that an API server can compute the cost of the CEL rules in advance.
 */

/** Text. */
export function text(description: string, max?: number) {
  const schema = max === undefined ? z.string() : z.string().max(max);
  return schema.describe(description);
}

/** Text that matches a pattern. */
export function pattern(expression: RegExp, max: number, description: string) {
  return z.string().max(max).regex(expression).describe(description);
}

/** A name that other parts of the same spec refer to: a DNS label. */
export function label(description: string) {
  return pattern(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 63, description);
}

/** The name of an object in the same namespace. */
export function objectName(description: string) {
  return pattern(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 253, description);
}

export function boolean(description: string, fallback?: boolean) {
  const schema = z.boolean().describe(description);
  return fallback === undefined ? schema : schema.meta({ default: fallback });
}

/** A whole number, `min` or more. */
export function integer(description: string, { min, max, fallback }: IntegerBounds = {}) {
  let schema = z.int().describe(description);
  if (min !== undefined) schema = schema.min(min);
  if (max !== undefined) schema = schema.max(max);
  return fallback === undefined ? schema : schema.meta({ default: fallback });
}

interface IntegerBounds {
  min?: number;
  max?: number;
  fallback?: number;
}

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(
  words: T,
  description: string,
  fallback?: T[number],
) {
  const schema = z.enum(words).describe(description);
  return fallback === undefined ? schema : schema.meta({ default: fallback });
}

/** An amount such as `128Mi`, `1G` or `500m`. A whole number is allowed too. Both forms stay as they are. */
export function quantity(description: string) {
  return z
    .union([z.number(), z.string()])
    .refine(isQuantity, { error: "it must be an amount such as 128Mi, 1G or 500m" })
    .meta({ description, "x-kubernetes-int-or-string": true, maxLength: 48, pattern: quantityPattern.source });
}

/** A port by number or by name. */
export function portReference(description: string) {
  return z
    .union([z.int().min(1).max(65_535), z.string().min(1).max(63)])
    .meta({ description, "x-kubernetes-int-or-string": true, maxLength: 63 });
}

const noTimeZone = "it must be the name of a time zone, such as Europe/Berlin";

/** The name of a time zone. An API server contains the tz database, and CEL's date functions accept a zone's name. */
export function timeZone(description: string) {
  const rule = `self != "Local" && timestamp("2000-01-01T00:00:00Z").getFullYear(self) > 0`;
  return pattern(timeZonePattern, 64, description)
    .refine(isTimeZone, { error: noTimeZone })
    .meta({ description, "x-kubernetes-validations": [{ rule, message: noTimeZone }] });
}

/** A time, RFC 3339. */
export function time(description: string) {
  return z.string().meta({ description, format: "date-time" });
}

/** A map from text to text. */
export function map(description: string) {
  return z.record(z.string(), z.string().max(4096)).meta({ description, maxProperties: 256 });
}

/** Amounts by the name of a resource. */
export function amounts(description: string) {
  return z.record(z.string(), quantity("An amount.")).meta({ description, maxProperties: 64 });
}

/** A list of at most `max` items. */
export function list<T extends z.ZodType>(item: T, description: string, max = 64) {
  return z.array(item).max(max).describe(description);
}

/** A list whose items differ in `key`; server-side apply merges it item by item. */
export function listBy<T extends z.ZodType>(key: string, item: T, description: string, max = 64) {
  return list(item, description, max)
    .superRefine((items, context) => {
      const seen = new Set<unknown>();
      for (const [index, value] of items.entries()) {
        const name: unknown = Object.entries(Object(value)).find(([field]) => field === key)?.[1];
        if (seen.has(name)) {
          context.addIssue({ code: "custom", path: [index, key], message: `another one has this ${key}` });
        }
        seen.add(name);
      }
    })
    .meta({ description, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key] });
}

/** An object of the spec: unknown fields are refused. */
export function object<T extends z.ZodRawShape>(
  shape: T,
  description: string,
  { constraints = [], fallback }: ObjectOptions<z.infer<z.ZodObject<T, z.core.$strict>>> = {},
) {
  const schema = z.strictObject(shape).superRefine((self, context) => {
    for (const constraint of constraints) {
      const message = constraint.breach(self);
      const path = constraint.cel.fieldPath?.split(".").filter(Boolean) ?? [];
      if (message !== undefined) context.addIssue({ code: "custom", path, message });
    }
  });
  return schema.meta({
    description,
    ...(constraints.length > 0 ? { "x-kubernetes-validations": constraints.map(({ cel }) => cel) } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
  });
}

/** An object of the status: unknown fields are allowed, since newer programs may write them. */
export function report<T extends z.ZodRawShape>(shape: T, description: string) {
  return z.looseObject(shape).meta({ description, [pruned]: true });
}

interface ObjectOptions<T> {
  /** Rules between its fields. */
  constraints?: readonly Constraint<T>[];
  /** Its value when absent, before the defaults of its own fields. */
  fallback?: object;
}

/** Marks an object of the status; the API server drops its unknown fields. */
export const pruned = "pruned";

/** KubeVirt's fields that are known only by name: their content has no schema here, and `unsupported.ts` lists them. */
export const opaque = {
  object: (description: string) => z.looseObject({}).describe(description),
  list: (description: string) => z.array(z.looseObject({})).max(64).describe(description),
  text: (description: string) => z.string().max(4096).describe(description),
  boolean: (description: string) => z.boolean().describe(description),
  integer: (description: string) => z.int().describe(description),
};
