import { expect, test } from "vitest";
import { Health, problemTexts } from "../../controller/health.ts";

test("a part that is needed keeps the program from being ready as long as it ails, and no longer", () => {
  const health = new Health();
  let wrong: string | undefined = "connect ECONNREFUSED";
  health.addReadinessCheck("watches", () => wrong);
  expect(problemTexts(health.problems)).toEqual(["watches: connect ECONNREFUSED"]);
  expect(health.fatal).toEqual([]);
  wrong = undefined;
  expect(health.problems).toEqual([]);
});

test("what only a restart mends keeps it from being ready, too", () => {
  const health = new Health();
  health.addLivenessCheck("reconcilers", () => "vmi stuck");
  expect(problemTexts(health.fatal)).toEqual(["reconcilers: vmi stuck"]);
  expect(problemTexts(health.problems)).toEqual(["reconcilers: vmi stuck"]);
});
