/** A field in which an object differs from what is asked for. */
export interface Difference {
  readonly path: string;
  readonly wanted: unknown;
  readonly found: unknown;
}

/**
 * The first field that is asked for and that an object has not, or has with another value. What the object has beyond
 * that (defaults, what controllers added) does not count.
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
  // Null asks for nothing: the server leaves it out.
  return wanted === undefined || wanted === null || wanted === found ? undefined : { path, wanted, found };
}

function firstOf(pairs: readonly (readonly [unknown, unknown, string])[]): Difference | undefined {
  for (const [wanted, found, path] of pairs) {
    const difference = firstDifference(wanted, found, path);
    if (difference) return difference;
  }
  return undefined;
}
