import type { Rule } from "../schema/rule.ts";
import type { StructuralSchema } from "./structural-schema.ts";

/**
 * Makes an object of the schema refuse fields that it does not name.
 *
 * A structural schema alone can't: `additionalProperties: false` is forbidden, and an API server *drops* fields that no
 * schema names before any rule, webhook or admission policy sees them. It fails a request for them only when the client
 * asks for strict validation, as kubectl does and most libraries don't; these get a warning header that few print.
 *
 * So the object is told to keep unknown fields, and a rule then compares how many fields it has with how many of the
 * named ones are there. CEL cannot name a field that the schema lacks, but the size of the object, taken as `dyn`, is
 * the number of all its keys. When they differ, the request fails, whoever sent it: nothing unknown is dropped or
 * stored. The price is the message: an API server that dropped the field would name it to kubectl, whereas the rule can
 * only name the object, the known fields beside it and those that there could be. `validate` (the CLI) names it.
 *
 * An object that has such a field already, stored when a later release had brought its definitions, keeps it: else nothing
 * of it could be changed any more after they were rolled back, not even a finalizer taken off. No more of them are taken
 * than there were. An API server's own tolerance of what an update leaves as it was ("ratcheting") does not see that an
 * object with a key that the schema lacks is unchanged (`CorrelatedObject.CachedDeepEqual` of 1.37); but it does of a list
 * as a whole, and in lists whose items have no keys it is all there is: nobody knows which item was which. So rules there
 * do not speak of what was, since with those that do it has no say.
 *
 * A null counts as a key but not as a field. An API server takes nulls of fields that are not `nullable` for absent
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

/** Words that CEL keeps to itself; an API server offers such a field between underscores. */
const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

function escaped(name: string): string {
  return reserved.has(name) ? `__${name}__` : name;
}
