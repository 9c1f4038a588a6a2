import { validate } from "../../api/validate.ts";
import { type FieldError, formatFieldError } from "../../api/values/field-error.ts";
import { type Fields, isFields } from "./body.ts";
import type { Answer } from "./endpoint.ts";
import { badRequest } from "./refusals.ts";

/** The most errors in one message. */
const mostTold = 50;

/** The machine in the body with everything written out. Throws a 400 that names the errors. */
export function expandMachine(body: Fields): Answer {
  if (Object.keys(body).length === 0) throw badRequest("the body is empty; it should be a VirtualMachine");
  if (body.kind !== "VirtualMachine") throw badRequest(`kind: ${JSON.stringify(body.kind)} is not VirtualMachine`);
  const machine = withoutNulls(body);
  const errors = validate(machine);
  if (errors.length > 0) throw badRequest(told(errors));
  return { kind: "json", status: 200, text: JSON.stringify(machine) };
}

/** The object without null fields. The API server that stores machines drops them too, and generators write them. */
function withoutNulls(fields: object): object {
  const left = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(left.map(([name, value]) => [name, ofValue(value)]));
}

function ofValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ofValue);
  return isFields(value) ? withoutNulls(value) : value;
}

function told(errors: readonly FieldError[]): string {
  const more = errors.length > mostTold ? [`and ${errors.length - mostTold} more`] : [];
  return [...errors.slice(0, mostTold).map(formatFieldError), ...more].join("; ");
}
