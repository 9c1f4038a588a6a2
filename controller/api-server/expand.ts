import { formatFieldError } from "../../api/field-error.ts";
import { validate } from "../../api/validate.ts";
import type { Fields } from "./body.ts";
import type { Answer } from "./endpoint.ts";
import { badRequest } from "./refusals.ts";

/** The machine of the body with everything written out. Throws a 400 that names what is wrong with it. */
export function expandMachine(body: Fields): Answer {
  if (Object.keys(body).length === 0) throw badRequest("the body is empty; it should be a VirtualMachine");
  if (body.kind !== "VirtualMachine") throw badRequest(`kind: ${JSON.stringify(body.kind)} is not VirtualMachine`);
  const errors = validate(body);
  if (errors.length > 0) throw badRequest(errors.map(formatFieldError).join("; "));
  return { kind: "json", status: 200, value: body };
}
