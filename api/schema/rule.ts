/** A rule in the Common Expression Language, in a CustomResourceDefinition's form. */
export interface Rule {
  /** True for an allowed value; `self` is the object. */
  rule: string;
  message: string;
  /** An expression for a message with the bad value. */
  messageExpression?: string;
  /** The field with the error, relative to the object: `.running`. */
  fieldPath?: string;
  /** Whether `oldSelf` is the old object as an optional; empty without one, or if it cannot be matched. */
  optionalOldSelf?: true;
  reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired";
}

/**
 * A rule between the fields of an object, in two forms: in CEL for the API server, and as a function for our programs.
 * The tests give both forms the same objects.
 */
export interface Constraint<T> {
  readonly cel: Rule;
  /** The error for a person; `undefined` without one. */
  breach(self: T): string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** CEL for: the number of the given fields that `self` has. */
function celCount(fields: readonly string[]): string {
  return `[${fields.map((field) => `has(self.${field})`).join(", ")}].filter(f, f).size()`;
}

function count(self: Fields, fields: readonly string[]): number {
  return fields.filter((field) => self[field] !== undefined && self[field] !== null).length;
}

/** Exactly one of the fields must exist. */
export function exactlyOne(
  fields: readonly string[],
  message = `exactly one of ${fields.join(", ")} is needed`,
  where: Pick<Rule, "fieldPath"> = {},
): Constraint<Fields> {
  return {
    cel: { rule: `${celCount(fields)} == 1`, message, ...where },
    breach: (self) => (count(self, fields) === 1 ? undefined : message),
  };
}

/** At least one of the fields must exist. */
export function atLeastOne(...fields: readonly string[]): Constraint<Fields> {
  const message = `at least one of ${fields.join(", ")} is needed`;
  return {
    cel: { rule: `${celCount(fields)} > 0`, message },
    breach: (self) => (count(self, fields) > 0 ? undefined : message),
  };
}

/** At most one of the fields may exist. */
export function atMostOne(...fields: readonly string[]): Constraint<Fields> {
  const message = `at most one of ${fields.join(", ")} is allowed`;
  return {
    cel: { rule: `${celCount(fields)} <= 1`, message },
    breach: (self) => (count(self, fields) <= 1 ? undefined : message),
  };
}
