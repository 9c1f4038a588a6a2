import { expect, test } from "vitest";
import { Retries } from "../../../node-daemon/core/retries.ts";

const error = new Error("no room");
const backoff = { base: 100, max: 1000, random: () => 1 };

test("what failed waits longer each time, up to a bound, and not at all once it has succeeded", () => {
  const retries = new Retries(backoff);
  const waits = [1, 2, 3, 4, 5, 6].map(() => {
    retries.failed("u", "spec", 0, { forGood: false, error });
    return retries.waiting("u", "spec", 0)?.after;
  });
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
  expect(retries.waiting("u", "spec", 999)).toEqual({ after: 1, error });
  expect(retries.waiting("u", "spec", 1000)).toBeUndefined();
  retries.forget("u");
  expect(retries.waiting("u", "spec", 0)).toBeUndefined();
});

test("what depends on something that has changed does not wait, and is counted anew", () => {
  const retries = new Retries(backoff);
  retries.failed("u", "spec", 0, { forGood: false, error });
  retries.failed("u", "spec", 0, { forGood: false, error });
  expect(retries.waiting("u", "other", 0)).toBeUndefined();
  retries.failed("u", "other", 0, { forGood: false, error });
  expect(retries.waiting("u", "other", 0)?.after).toBe(100);
  expect(retries.waiting("v", "other", 0)).toBeUndefined();
});

test("what fails for good is not tried again before it changes", () => {
  const retries = new Retries(backoff);
  retries.failed("u", "spec", 0, { forGood: true, error });
  expect(retries.waiting("u", "spec", 1e15)?.after).toBe(Number.POSITIVE_INFINITY);
  expect(retries.waiting("u", "other", 0)).toBeUndefined();
});
