import type { Rule } from "../schema/rule.ts";
import type { Refusal } from "../unsupported.ts";
import type { StructuralSchema } from "./structural-schema.ts";

/**
 * Makes a schema refuse a field, or one value of it, and returns the schema of the field.
 * Throws if the path leads nowhere: the list has a mistake then.
 */
export function refuse(schema: StructuralSchema, { steps, value, message }: Refusal): StructuralSchema {
  const { parent, step, field, isComparable } = find(schema, steps);
  if (value !== undefined) {
    if (!field.enum?.includes(value)) throw new Error(`${steps.join(".")} has no value ${value} to refuse`);
    (field["x-kubernetes-validations"] ??= []).push(forbidden(`self != '${value}'`, `${value} is ${message}`));
    return field;
  }
  // The field is refused whatever its content.
  const bare: StructuralSchema = { description: `${field.description ?? ""} ${capital(message)}.`.trim() };
  if (field.type) bare.type = field.type;
  if (field.type === "object") bare["x-kubernetes-preserve-unknown-fields"] = true;
  if (field.type === "array") {
    bare.items = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    bare.maxItems = 1024;
  }
  // See `refuseUnknownFields`: the API server never recognises an object without named fields as unchanged either.
  bare["x-kubernetes-validations"] = [
    field.type === "object" && isComparable
      ? { ...forbidden("oldSelf.hasValue()", message), optionalOldSelf: true }
      : forbidden(nothingAskedFor(field.type), message),
  ];
  if (parent.properties) parent.properties[step] = bare;
  return bare;
}

/** The rule that is true for a value that requests nothing. */
function nothingAskedFor(type: StructuralSchema["type"]): string {
  if (type === "boolean") return "!self";
  if (type === "array") return "size(self) == 0";
  return "false";
}

function forbidden(rule: string, message: string): Rule {
  return { rule, message, reason: "FieldValueForbidden" };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function find(schema: StructuralSchema, steps: readonly string[]) {
  let parent = schema;
  let field = schema;
  let isComparable = true;
  for (const step of steps) {
    const next = step === "[]" ? field.items : field.properties?.[step];
    if (!next) throw new Error(`the schema has no field ${steps.join(".")}`);
    if (step === "[]" && field["x-kubernetes-list-type"] !== "map") isComparable = false;
    parent = field;
    field = next;
  }
  return { parent, field, step: steps.at(-1) ?? "", isComparable };
}
