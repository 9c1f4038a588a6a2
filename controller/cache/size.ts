/** Bytes that V8 takes for a value beside its content: what an object or a list is, and each of its entries. */
const costs = { value: 32, entry: 24 } as const;

/**
 * Whether a JSON value takes more memory than so many bytes, reckoned with care. It looks at no more of the value than it
 * needs for that.
 */
export function exceeds(value: unknown, bytes: number): boolean {
  return left(value, bytes) < 0;
}

/** How many of some bytes are left beside a value; less than none when it takes more. */
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

/** The bytes of a text: one a character, or two for all of them where one is not of Latin-1. */
function lengthOf(text: string, most: number): number {
  return text.length > most || Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
