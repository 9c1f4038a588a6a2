import { expect, test } from "vitest";
import { FirstSeen } from "../../../controller/cache/first-seen.ts";

test("what is asked about is known since it was asked about first", () => {
  let now = 5000;
  const firstSeen = new FirstSeen(() => now);
  expect(firstSeen.age("a")).toBe(0);
  now = 6000;
  expect([firstSeen.age("a"), firstSeen.age("b")]).toEqual([1000, 0]);
  now = 7500;
  expect([firstSeen.age("a"), firstSeen.age("b")]).toEqual([2500, 1500]);
});

test("nothing is known of what is not there", () => {
  let now = 5000;
  const firstSeen = new FirstSeen(() => now);
  expect(firstSeen.age(undefined)).toBe(0);
  now = 9000;
  expect(firstSeen.age(undefined)).toBe(0);
});
