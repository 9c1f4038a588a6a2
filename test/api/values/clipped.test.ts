import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { clipped } from "../../../api/values/clipped.ts";

test("a text has so many characters at most, and one that was clipped says so", () => {
  expect(clipped("four", 4)).toBe("four");
  expect(clipped("fiver", 4)).toBe("fiv…");
  expect(clipped("a🖥b", 3)).toBe("a�…");
});

test("what was clipped does not keep the whole text in memory", () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  const before = process.memoryUsage().heapUsed;
  const texts = Array.from({ length: 100 }, (_, number) =>
    clipped(`${number}${"x".repeat(100_000)}`.toUpperCase(), 50),
  );
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
  expect(texts[7]).toHaveLength(50);
});
