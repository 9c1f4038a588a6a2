import * as fc from "fast-check";
import { expect, test } from "vitest";
import { statusPatch } from "../../controller/status-patch.ts";

/** RFC 7386, as an API server does it. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === "object" && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isObject ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  }
  return result;
}

const key = fc.constantFrom("a", "b", "c");
const leaf = fc.oneof(fc.nat(3), fc.array(fc.nat(2), { maxLength: 2 }));
/** Statuses two objects deep. */
const status = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf)))));

test("a patch turns any status into any other one", () => {
  fc.assert(
    fc.property(status, status, (current, next) => {
      expect(merged(current, statusPatch(current, next))).toEqual(next);
    }),
  );
});

test("there is nothing to patch in what is the same", () => {
  expect(statusPatch({ a: { b: [1] } }, { a: { b: [1] } })).toEqual({});
});
