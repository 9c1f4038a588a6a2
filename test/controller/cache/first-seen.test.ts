import { expect, test } from "vitest";
import { FirstSeen } from "../../../controller/cache/first-seen.ts";

test("what is asked about is known since it was asked about first", () => {
  let now = 5000;
  const sightings = new FirstSeen(() => now);
  expect(sightings.age("a")).toBe(0);
  now = 6000;
  expect([sightings.age("a"), sightings.age("b")]).toEqual([1000, 0]);
  now = 7500;
  expect([sightings.age("a"), sightings.age("b")]).toEqual([2500, 1500]);
});

test("nothing is known of what is not there", () => {
  let now = 5000;
  const sightings = new FirstSeen(() => now);
  expect(sightings.age(undefined)).toBe(0);
  now = 9000;
  expect(sightings.age(undefined)).toBe(0);
});
