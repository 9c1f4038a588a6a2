import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { waiting, withGuests } from "./e2e/folders.ts";
import { spread } from "./e2e/spread.ts";

test("of two lists each is spread over all of both, in its own order", () => {
  expect(spread(["A", "B"], ["1", "2", "3", "4"])).toEqual(["1", "A", "2", "3", "B", "4"]);
  expect(spread(["A"], [])).toEqual(["A"]);
});

test("each folder of e2e tests is run once, with guests or beside them", () => {
  const folders = globSync("test/e2e/*/", { cwd: join(import.meta.dirname, "..") }).map((path) => basename(path));
  expect([...withGuests, ...waiting()].toSorted()).toEqual(folders.toSorted());
});
