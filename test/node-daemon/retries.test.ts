import { expect, test } from "vitest";
import { Retries } from "../../node-daemon/retries.ts";

const backoff = { base: 100, max: 1000, random: () => 1 };

test("what failed waits longer each time, up to a bound, and not at all once it has succeeded", () => {
  const retries = new Retries(backoff);
  const waits = [1, 2, 3, 4, 5, 6].map(() => {
    retries.failed("u", "spec", 0, { forGood: false });
    return retries.wait("u", "spec", 0);
  });
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
  expect(retries.wait("u", "spec", 999)).toBe(1);
  expect(retries.wait("u", "spec", 1000)).toBeUndefined();
  retries.forget("u");
  expect(retries.wait("u", "spec", 0)).toBeUndefined();
});

test("what depends on something that has changed does not wait, and is counted anew", () => {
  const retries = new Retries(backoff);
  retries.failed("u", "spec", 0, { forGood: false });
  retries.failed("u", "spec", 0, { forGood: false });
  expect(retries.wait("u", "other", 0)).toBeUndefined();
  retries.failed("u", "other", 0, { forGood: false });
  expect(retries.wait("u", "other", 0)).toBe(100);
  expect(retries.wait("v", "other", 0)).toBeUndefined();
});

test("what fails for good is not tried again before it changes", () => {
  const retries = new Retries(backoff);
  retries.failed("u", "spec", 0, { forGood: true });
  expect(retries.wait("u", "spec", 1e15)).toBe(Number.POSITIVE_INFINITY);
  expect(retries.wait("u", "other", 0)).toBeUndefined();
});
