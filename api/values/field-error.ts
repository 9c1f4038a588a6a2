/** Something wrong with a field of an object. */
export interface FieldError {
  /** The path: `spec.domain.devices.disks[0].name`. */
  path: string;
  /** The field's value; `undefined` if there is none. */
  value: unknown;
  /** The error. */
  message: string;
}

/** A field error as one line. */
export function formatFieldError({ path, value, message }: FieldError): string {
  const shown = value === undefined || typeof value === "object" ? "" : `${JSON.stringify(value)}: `;
  return `${path}: ${shown}${message}`;
}

/** A path in the form that people read. */
export function formatPath(steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === "number") return `${path}[${step}]`;
    return path === "" ? String(step) : `${path}.${String(step)}`;
  }, "");
}
