import type { Rule } from "../schema/rule.ts";
import type { StructuralSchema } from "./structural-schema.ts";

/**
 * Makes an object of the schema refuse fields that it does not name.
 *
 * A structural schema alone can't: `additionalProperties: false` is forbidden, and an API server *drops* fields that no
 * schema names before any rule, webhook or admission policy sees them. It fails a request for them only when the client
 * asks for strict validation. kubectl does so, but most libraries don't: they get a warning header that few of them
 * print.
 *
 * So the schema keeps unknown fields, and a rule compares the object's number of fields with the number of named fields
 * in it. CEL cannot name a field that the schema lacks, but the size of the object, taken as `dyn`, is the number of
 * all its keys. When the numbers differ, the request fails for every client: the API server drops and stores nothing
 * unknown. The price is the message. An API server that drops a field names the field to kubectl. The rule can only
 * name the object, its known fields and the allowed fields. `validate` (the CLI) names the field.
 *
 * An object may already have such a field, from a time when the definitions of a later release were installed. It keeps
 * the field. Otherwise the object could not be changed at all after a rollback, not even to remove a finalizer. But an
 * update may not add more unknown fields than there were.
 *
 * In lists whose items have no keys, rules do not use `oldSelf`: old and new items cannot be matched. There, the API
 * server's own tolerance ("ratcheting") lets an unchanged list pass as a whole, and it has none for rules that use
 * `oldSelf`. Elsewhere ratcheting is no help: the API server does not recognise an object as unchanged if the object
 * has a key that the schema lacks (`CorrelatedObject.CachedDeepEqual` of 1.37).
 *
 * A null counts as a key but not as a field. An API server treats nulls of fields that are not `nullable` as absent
 * before it applies rules, so no field of such an object may be `nullable`.
 */
export function refuseUnknownFields(
  schema: StructuralSchema,
  refused: ReadonlySet<StructuralSchema>,
  isComparable: boolean,
): void {
  const properties = schema.properties ?? {};
  const names = Object.keys(properties);
  for (const property of Object.values(properties)) delete property.nullable;
  schema["x-kubernetes-preserve-unknown-fields"] = true;
  const rules = (schema["x-kubernetes-validations"] ??= []);
  const takes = names.filter((name) => !refused.has(properties[name] ?? {}) || properties[name]?.enum);
  const reason = "FieldValueForbidden";
  const message = `unknown field: it takes ${takes.join(", ") || "none"}`;
  const unknown = (of: string): string =>
    [`size(dyn(${of}))`, ...names.map((name) => `(has(${of}.${escaped(name)}) ? 1 : 0)`)].join(" - ");
  const rule: Pick<Rule, "rule" | "optionalOldSelf"> = isComparable
    ? { rule: `${unknown("self")} <= oldSelf.optMap(old, ${unknown("old")}).orValue(0)`, optionalOldSelf: true }
    : { rule: `${unknown("self")} == 0` };
  if (names.length === 0) {
    rules.push({ ...rule, message, reason });
    return;
  }
  const known = names.map((name) => `has(self.${escaped(name)})`);
  const there = names.map((name, index) => `(${known[index]} ? " ${name}" : "")`);
  rules.push({
    ...rule,
    message,
    messageExpression: `"${message}" + (${known.join(" || ")} ? "; of these it has:" + ${there.join(" + ")} : "")`,
    reason,
  });
}

/** Reserved words of CEL; in CEL an API server names such a field with underscores around it. */
const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

function escaped(name: string): string {
  return reserved.has(name) ? `__${name}__` : name;
}
