import { z } from "zod";
import { pruned } from "../schema/field.ts";
import type { Rule } from "../schema/rule.ts";
import type { Refusal } from "../unsupported.ts";
import { refuse } from "./refuse.ts";
import type { StructuralSchema } from "./structural-schema.ts";
import { refuseUnknownFields } from "./unknown-fields.ts";

/** The schema of a kind in the form that an API server accepts, with the refusals in it. */
export function structuralOf(kind: z.ZodType, refusals: readonly Refusal[]): StructuralSchema {
  const strict: StructuralSchema[] = [];
  // A copy: the schemas of two kinds share parts, and each part is changed below.
  const written: Written = JSON.parse(JSON.stringify(z.toJSONSchema(kind, { target: "openapi-3.0", io: "input" })));
  const schema = convert(written, strict);
  // The API server adds these three itself.
  if (schema.properties) {
    schema.properties.apiVersion = { type: "string", description: "The version of the API." };
    schema.properties.kind = { type: "string", description: "The kind of the object." };
    // Of the metadata, a definition may restrict only the name.
    const { name } = schema.properties.metadata?.properties ?? {};
    schema.properties.metadata = { type: "object", ...(name?.maxLength === undefined ? {} : { properties: { name } }) };
  }
  schema.required = ["spec"].filter((name) => schema.required?.includes(name));
  if (schema.required.length === 0) delete schema.required;
  const refused = new Set(refusals.map((refusal) => refuse(schema, refusal)));
  refuseInAll(schema, new Set(strict), refused);
  return schema;
}

/**
 * Relaxes a rule: it also holds for a value that an update leaves unchanged. An object with a field that only a later
 * release knows breaks a rule such as "exactly one of these"; see {@link refuseUnknownFields}.
 */
function tolerant({ rule, ...rest }: Rule): Rule {
  return { ...rest, rule: `(${rule}) || (oldSelf.hasValue() && self == oldSelf.value())`, optionalOldSelf: true };
}

/** Makes all strict objects refuse unknown fields. Items of a list without keys are not `isComparable` with old. */
function refuseInAll(
  schema: StructuralSchema,
  strict: ReadonlySet<StructuralSchema>,
  refused: ReadonlySet<StructuralSchema>,
  isComparable = true,
): void {
  const { properties = {}, additionalProperties, items } = schema;
  for (const inner of [...Object.values(properties), ...(additionalProperties ? [additionalProperties] : [])]) {
    refuseInAll(inner, strict, refused, isComparable);
  }
  const isKeyed = schema["x-kubernetes-list-type"] === "map";
  if (items) refuseInAll(items, strict, refused, isComparable && isKeyed);
  const rules = schema["x-kubernetes-validations"];
  // The API server itself recognises unchanged values without keys, and unchanged lists as a whole.
  if (rules && isComparable && (isKeyed || schema.type === "object")) {
    schema["x-kubernetes-validations"] = rules.map((rule) => (rule.optionalOldSelf ? rule : tolerant(rule)));
  }
  if (strict.has(schema)) refuseUnknownFields(schema, refused, isComparable);
}

/** The output of zod: the same but for the forms of objects and unions. */
type Written = Omit<StructuralSchema, "properties" | "additionalProperties" | "items"> & {
  properties?: Record<string, Written>;
  additionalProperties?: Written | boolean;
  items?: Written;
  anyOf?: Written[];
  [pruned]?: boolean;
};

/** Turns the output of zod into a structural schema, and collects the objects that accept no unknown fields. */
function convert(written: Written, strict: StructuralSchema[]): StructuralSchema {
  const { properties = {}, additionalProperties, items, anyOf: _, [pruned]: dropsUnknown, ...schema } = written;
  const result: StructuralSchema = schema;
  if (result.minimum === Number.MIN_SAFE_INTEGER) delete result.minimum;
  if (result.maximum === Number.MAX_SAFE_INTEGER) delete result.maximum;
  if (result.type === "integer") result.format = "int64";
  if (items) result.items = convert(items, strict);
  const fields = Object.entries(properties).map(([name, value]) => [name, convert(value, strict)] as const);
  if (fields.length > 0) result.properties = Object.fromEntries(fields);
  if (additionalProperties === false) strict.push(result);
  else if (isLoose(additionalProperties)) {
    if (!dropsUnknown) result["x-kubernetes-preserve-unknown-fields"] = true;
  } else if (typeof additionalProperties === "object") {
    result.additionalProperties = convert(additionalProperties, strict);
  }
  return result;
}

function isLoose(additional: Written | boolean | undefined): boolean {
  return additional === true || (typeof additional === "object" && Object.keys(additional).length === 0);
}
