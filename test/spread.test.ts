import { expect, test } from "vitest";
import { spread } from "./e2e/spread.ts";

test("of two lists each is spread over all of both, in its own order", () => {
  expect(spread(["A", "B"], ["1", "2", "3", "4"])).toEqual(["1", "A", "2", "3", "B", "4"]);
  expect(spread(["A"], [])).toEqual(["A"]);
});
