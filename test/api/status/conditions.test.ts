import { expect, test } from "vitest";
import { conditionOf, isTrue, removeCondition, setCondition } from "../../../api/status/conditions.ts";

const early = new Date("2026-01-01T00:00:00.500Z");
const late = new Date("2026-01-02T00:00:00Z");
const ready = setCondition(undefined, { type: "Ready", status: "True" }, early);

test("a condition is set with the time, in whole seconds", () => {
  expect(ready).toEqual([{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }]);
  expect(isTrue(ready, "Ready")).toBe(true);
  expect(isTrue(ready, "Paused")).toBe(false);
});

test("the transition time changes with the status only", () => {
  const same = setCondition(ready, { type: "Ready", status: "True", reason: "Guest" }, late);
  expect(conditionOf(same, "Ready")).toMatchObject({ reason: "Guest", lastTransitionTime: "2026-01-01T00:00:00Z" });
  const other = setCondition(same, { type: "Ready", status: "False" }, late);
  expect(other).toEqual([{ type: "Ready", status: "False", lastTransitionTime: "2026-01-02T00:00:00Z" }]);
});

test("setting what is there already, and removing what is not, gives the same list", () => {
  expect(setCondition(ready, { type: "Ready", status: "True" }, late)).toBe(ready);
  expect(removeCondition(ready, "Paused")).toBe(ready);
  expect(removeCondition(ready, "Ready")).toEqual([]);
});

test("other conditions stay where they are", () => {
  const both = setCondition(ready, { type: "Paused", status: "False" }, early);
  const changed = setCondition(both, { type: "Ready", status: "False" }, late);
  expect(changed?.map(({ type }) => type)).toEqual(["Ready", "Paused"]);
});

test("a message that is very long is clipped, and is still the same when it comes again", () => {
  const long = { type: "Ready", status: "False", message: "x".repeat(100_000) } as const;
  const told = setCondition(undefined, long, early);
  expect(conditionOf(told, "Ready")?.message).toMatch(/^x{2047}…$/);
  expect(setCondition(told, long, late)).toBe(told);
});
