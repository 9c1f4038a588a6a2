/** V8's bytes for a value beside its content: the overhead of an object or a list, and of each of its entries. */
const costs = { value: 32, entry: 24 } as const;

/**
 * Whether a JSON value takes more memory than some number of bytes, by a cautious estimate. It stops as soon as the
 * answer is known.
 */
export function exceeds(value: unknown, bytes: number): boolean {
  return left(value, bytes) < 0;
}

/** The rest of some bytes after a value; negative when the value takes more. */
function left(value: unknown, bytes: number): number {
  let rest = bytes - costs.value;
  if (typeof value === "string") return rest - lengthOf(value, rest);
  if (typeof value !== "object" || value === null) return rest;
  for (const [name, inner] of Object.entries(value)) {
    if (rest < 0) return rest;
    rest -= costs.entry;
    if (!Array.isArray(value)) rest -= name.length;
    rest = left(inner, rest);
  }
  return rest;
}

/** The bytes of a text: one per character, or two per character if any of them is not in Latin-1. */
function lengthOf(text: string, most: number): number {
  return text.length > most || Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
