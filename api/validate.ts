import type { z } from "zod";
import { refusals, schemas } from "./crd/definitions.ts";
import type { Kind } from "./kinds.ts";
import { refusedFields } from "./unsupported-fields.ts";
import { type FieldError, formatPath } from "./values/field-error.ts";

type Validated = Exclude<Kind, "KubeVirt">;

/**
 * Finds the errors in a manifest of a VirtualMachine or an instance, without an API server: all that its definition
 * refuses, and each unknown field by name, which a definition cannot do.
 */
export function validate(object: unknown): FieldError[] {
  const kind = kindOf(object);
  if (kind === undefined) {
    const value = at(object, ["kind"]);
    return [{ path: "kind", value, message: "it is neither VirtualMachine nor VirtualMachineInstance" }];
  }
  const asked = withoutNulls(object);
  const refused = refusedFields(asked, refusals[kind]);
  const refusedPaths = new Set(refused.map(({ path }) => path));
  // An unknown field is an error even if it is null.
  const unknown = schemas[kind].safeParse(object).error?.issues.filter(({ code }) => code === "unrecognized_keys");
  const found = schemas[kind].safeParse(asked).error?.issues.filter(({ code }) => code !== "unrecognized_keys");
  // Errors inside a refused field are left out: the field is refused whatever it holds.
  const others = [...(found ?? []), ...(unknown ?? [])]
    .filter(({ path }) => !path.some((_, index) => refusedPaths.has(formatPath(path.slice(0, index + 1)))))
    .flatMap((issue) => errorsOf(issue, object))
    .filter(({ path }) => !refusedPaths.has(path));
  return [...refused, ...others];
}

function kindOf(object: unknown): Validated | undefined {
  const kind = at(object, ["kind"]);
  return kind === "VirtualMachine" || kind === "VirtualMachineInstance" ? kind : undefined;
}

/** An object without its null fields, which the API server drops too. A null in a list stays, as an item. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field)]));
}

/** A zod issue as field errors; one for each unknown field. */
function errorsOf(issue: z.core.$ZodIssue, object: unknown): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => error([...issue.path, key], object, "unknown field"));
  }
  return [error(issue.path, object, messageOf(issue, at(object, issue.path)))];
}

function error(steps: readonly PropertyKey[], object: unknown, message: string): FieldError {
  return { path: formatPath(steps), value: at(object, steps), message };
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.code !== "custom") return "it is needed";
  switch (issue.code) {
    case "invalid_type":
      return `it must be ${article(issue.expected)}`;
    case "invalid_value":
      return `it must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.join(", ")}`;
    case "too_big":
      return `it can be ${issue.maximum}${unit(issue.origin)} at most`;
    case "too_small":
      return `it must be ${issue.minimum}${unit(issue.origin)} at least`;
    case "invalid_format":
      return `it must look like ${issue.pattern ?? issue.format}`;
    case "invalid_union":
      return "it is neither a whole number nor text of the right form";
    case "custom":
    case "invalid_element":
    case "invalid_key":
    case "not_multiple_of":
    case "unrecognized_keys":
      break;
  }
  return issue.message;
}

function article(type: string): string {
  const name = { int: "whole number", record: "map" }[type] ?? type;
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

function unit(origin: string): string {
  return { string: " characters", array: " items" }[origin] ?? "";
}

function at(object: unknown, steps: readonly PropertyKey[]): unknown {
  return steps.reduce<unknown>((value, step) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    const fields: Readonly<Record<PropertyKey, unknown>> = Object(value);
    return fields[step];
  }, object);
}
