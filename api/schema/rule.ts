/** A rule of the Common Expression Language as a CustomResourceDefinition has it. */
export interface Rule {
  /** True for what is allowed; `self` is the object. */
  rule: string;
  message: string;
  /** An expression for the message that shows the bad value. */
  messageExpression?: string;
  /** The field to blame, relative to the object: `.running`. */
  fieldPath?: string;
  /** Whether `oldSelf` is the object as it was, an optional that is empty where there was none or nobody knows. */
  optionalOldSelf?: true;
  reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired";
}

/**
 * Something that must hold between the fields of an object, said twice: in CEL for the API server, and as a function for
 * programs of ours. The tests give both the same objects.
 */
export interface Constraint<T> {
  readonly cel: Rule;
  /** What is wrong, for a person; `undefined` when nothing is. */
  breach(self: T): string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** How many of the fields of `self` are there. */
function celCount(fields: readonly string[]): string {
  return `[${fields.map((field) => `has(self.${field})`).join(", ")}].filter(f, f).size()`;
}

function count(self: Fields, fields: readonly string[]): number {
  return fields.filter((field) => self[field] !== undefined && self[field] !== null).length;
}

/** Exactly one of some fields. */
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

/** At least one of some fields. */
export function atLeastOne(...fields: readonly string[]): Constraint<Fields> {
  const message = `at least one of ${fields.join(", ")} is needed`;
  return {
    cel: { rule: `${celCount(fields)} > 0`, message },
    breach: (self) => (count(self, fields) > 0 ? undefined : message),
  };
}

/** At most one of some fields. */
export function atMostOne(...fields: readonly string[]): Constraint<Fields> {
  const message = `at most one of ${fields.join(", ")} is allowed`;
  return {
    cel: { rule: `${celCount(fields)} <= 1`, message },
    breach: (self) => (count(self, fields) <= 1 ? undefined : message),
  };
}
