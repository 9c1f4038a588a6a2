import type { StructuralSchema } from "../../../api/crd/structural-schema.ts";

/** Returns the schema of a field. */
export function at(schema: StructuralSchema, steps: readonly string[]): StructuralSchema {
  return steps.reduce((here, step) => (step === "[]" ? here.items : here.properties?.[step]) ?? {}, schema);
}

/** Makes an object with a value at a path, and with the required fields on the way. */
export function asking(schema: StructuralSchema, steps: readonly string[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return isObject(value) ? { ...required(schema), ...value } : value;
  if (step === "[]") return [asking(schema.items ?? {}, rest, value)];
  return { ...required(schema), [step]: asking(schema.properties?.[step] ?? {}, rest, value) };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Makes an object with the required fields, except those of the whole object, which a builder adds. */
function required({ required: names = [], properties = {} }: StructuralSchema): object {
  const own = names.filter((name) => !["spec", "template", "domain"].includes(name));
  return Object.fromEntries(own.map((name) => [name, sample(properties[name] ?? {})]));
}

/** Makes a non-empty value of a schema's type. */
export function sample(schema: StructuralSchema): unknown {
  if (schema["x-kubernetes-int-or-string"]) return "1Gi";
  const text = schema.enum?.[0] ?? "x";
  const array = schema.items ? [sample(schema.items)] : [];
  const values = { boolean: true, array, string: text, integer: 1, number: 1, object: required(schema) };
  return values[schema.type ?? "object"];
}

/** Lists the paths of all objects that refuse unknown fields, except the status and objects that are refused whole. */
export function strictObjects(schema: StructuralSchema, path: readonly string[]): string[][] {
  const rules = schema["x-kubernetes-validations"] ?? [];
  const here = rules.some(({ message }) => message.startsWith("unknown field")) ? [[...path]] : [];
  const items = schema.items ? strictObjects(schema.items, [...path, "[]"]) : [];
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => path.length > 0 || name !== "status");
  return [...here, ...items, ...fields.flatMap(([name, field]) => strictObjects(field, [...path, name]))];
}
