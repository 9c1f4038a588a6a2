/** Something wrong with a field of an object. */
export interface FieldError {
  /** Where: `spec.domain.devices.disks[0].name`. */
  path: string;
  /** What is there; `undefined` when nothing is. */
  value: unknown;
  /** What is wrong with it. */
  message: string;
}

/** A field error as one line. */
export function formatFieldError({ path, value, message }: FieldError): string {
  const shown = value === undefined || typeof value === "object" ? "" : `${JSON.stringify(value)}: `;
  return `${path}: ${shown}${message}`;
}

/** A path as people read it. */
export function formatPath(steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === "number") return `${path}[${step}]`;
    return path === "" ? String(step) : `${path}.${String(step)}`;
  }, "");
}
