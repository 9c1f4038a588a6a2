import type { Refusal } from "./unsupported.ts";
import { type FieldError, formatPath } from "./values/field-error.ts";

/** The fields of an object that are refused, with path, value and message. */
export function refusedFields(object: unknown, refusals: readonly Refusal[]): FieldError[] {
  return refusals.flatMap((refusal) =>
    places(object, refusal.steps, [])
      .filter(({ value }) => isRefused(value, refusal))
      .map(({ path, value }) => ({
        path: formatPath(path),
        value,
        message: refusal.value === undefined ? refusal.message : `${refusal.value} is ${refusal.message}`,
      })),
  );
}

interface Place {
  path: PropertyKey[];
  value: unknown;
}

/** Whether a value requests something refused; nothing, `false` and an empty list don't. */
function isRefused(value: unknown, refusal: Refusal): boolean {
  if (refusal.value !== undefined) return value === refusal.value;
  if (value === undefined || value === null || value === false) return false;
  return !Array.isArray(value) || value.length > 0;
}

/** The places that steps lead to in an object: one place, or one in each item of the lists on the way. */
function places(value: unknown, [step, ...rest]: readonly string[], path: PropertyKey[]): Place[] {
  if (step === undefined) return [{ path, value }];
  if (typeof value !== "object" || value === null) return [];
  if (step === "[]") {
    if (!Array.isArray(value)) return [];
    return value.flatMap((item, index) => places(item, rest, [...path, index]));
  }
  if (!Object.hasOwn(value, step)) return [];
  const fields: Readonly<Record<string, unknown>> = Object(value);
  return places(fields[step], rest, [...path, step]);
}
