import { expect, test } from "vitest";
import { goDuration } from "../../../api/values/go-duration.ts";

test.for<[string, number]>([
  ["0", 0],
  ["0s", 0],
  ["5m0s", 300_000],
  ["10s", 10_000],
  ["1h2m3s", 3_723_000],
  ["1.5h", 5_400_000],
  [".5s", 500],
  ["+2m", 120_000],
  ["1500ms", 1500],
  ["2us", 0.002],
])("%s are %d ms", ([text, milliseconds]) => {
  expect(goDuration(text)).toBeCloseTo(milliseconds, 6);
});

test.for(["", "5", "-5m", "5 m", "5min", "m", "5m ", "1d", "5m-3s", "."])("%j is no duration", (text) => {
  expect(goDuration(text)).toBeUndefined();
});
