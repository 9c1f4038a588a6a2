import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { exceeds } from "../../../controller/cache/size.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** The bytes of heap that each of many values takes. */
function taken(text: string, count = 400): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const values = Array.from({ length: count }, (): unknown => JSON.parse(text));
  collect();
  const after = process.memoryUsage().heapUsed;
  expect(values).toHaveLength(count);
  return (after - before) / count;
}

test.for<[string, unknown]>([
  ["a long text", { a: "x".repeat(20_000) }],
  ["a long text of two bytes a character", { a: `${"x".repeat(20_000)}€` }],
  ["many texts", Array.from({ length: 1000 }, (_, number) => `some text ${number}`)],
  ["a large map", Object.fromEntries(Array.from({ length: 300 }, (_, number) => [`key-${number}`, `value-${number}`]))],
  ["a list of empty objects", Array.from({ length: 1000 }, () => ({}))],
  ["a list of small objects", Array.from({ length: 500 }, (_, number) => ({ name: "a", number, list: [number] }))],
])("%s is not taken for less than half of what it takes", ([, value]) => {
  const bytes = taken(JSON.stringify(value));
  expect(exceeds(value, bytes / 2)).toBe(true);
  expect(exceeds(value, bytes * 3)).toBe(false);
});

test("what is small exceeds nothing", () => {
  for (const value of [undefined, null, 1, true, "", {}, [], { a: { b: ["c"] } }]) {
    expect(exceeds(value, 1024), JSON.stringify(value)).toBe(false);
  }
});
