import { isDeepStrictEqual } from "node:util";

/** The merge patch (RFC 7386) that turns one status into another: its changed fields, and null for removed ones. */
export function statusPatch(current: object, next: object): Record<string, unknown> {
  const before = new Map<string, unknown>(Object.entries(current));
  const after = new Map<string, unknown>(Object.entries(next));
  const patch: Record<string, unknown> = {};
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, value] = [before.get(name), after.get(name)];
    if (!isDeepStrictEqual(old, value)) patch[name] = patchOf(old, value);
  }
  return patch;
}

/** Objects are merged, so removed fields must be named; lists and all other values are replaced. */
function patchOf(old: unknown, value: unknown): unknown {
  if (value === undefined) return null;
  return isObject(old) && isObject(value) ? statusPatch(old, value) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
