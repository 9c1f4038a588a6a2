/** A field in which an object differs from the manifest. */
export interface Difference {
  readonly path: string;
  readonly wanted: unknown;
  readonly found: unknown;
}

/**
 * Finds the first field of the manifest that an object lacks or has with another value. Further fields of the object
 * (defaults, additions of controllers) do not count.
 */
export function firstDifference(wanted: unknown, found: unknown, path = ""): Difference | undefined {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return { path, wanted, found };
    return firstOf(wanted.map((item, index) => [item, found[index], `${path}[${index}]`]));
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof found !== "object" || found === null) return { path, wanted, found };
    const fields = new Map(Object.entries(found));
    return firstOf(
      Object.entries(wanted).map(([name, value]) => [value, fields.get(name), path === "" ? name : `${path}.${name}`]),
    );
  }
  // The server leaves out fields with null.
  return wanted === undefined || wanted === null || wanted === found ? undefined : { path, wanted, found };
}

function firstOf(pairs: readonly (readonly [unknown, unknown, string])[]): Difference | undefined {
  for (const [wanted, found, path] of pairs) {
    const difference = firstDifference(wanted, found, path);
    if (difference) return difference;
  }
  return undefined;
}
