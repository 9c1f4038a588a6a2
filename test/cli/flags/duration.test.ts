import { expect, test } from "vitest";
import { formatAge, formatDuration, parseDuration } from "../../../cli/flags/duration.ts";

test.for([
  ["0", 0],
  ["30", 30_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["500ms", 500],
  ["5 m", undefined],
  ["m", undefined],
  ["-1s", undefined],
] as const)("%s is %s ms", ([text, milliseconds]) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test("durations are short", () => {
  expect([420, 12_000, 200_000, 300_000].map(formatDuration)).toEqual(["0.4 s", "12 s", "3m20s", "5m"]);
});

test("ages are kubectl's", () => {
  const seconds = [5, 119, 125, 700, 7200, 10_800, 40_000, 200_000, 900_000];
  expect(seconds.map((age) => formatAge(age * 1000))).toEqual([
    "5s",
    "119s",
    "2m5s",
    "11m",
    "120m",
    "3h",
    "11h",
    "2d7h",
    "10d",
  ]);
});
