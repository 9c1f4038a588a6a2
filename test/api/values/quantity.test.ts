import { assert, constantFrom, nat, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import {
  compareQuantities,
  formatBytes,
  formatQuantity,
  isQuantity,
  parseQuantity,
  thousandths,
  wholeUnits,
} from "../../../api/values/quantity.ts";

test.for([
  ["128Mi", 134_217_728n],
  ["1G", 1_000_000_000n],
  ["64M", 64_000_000n],
  ["1.5Gi", 1_610_612_736n],
  [".5Ki", 512n],
  ["0.1Ki", 103n],
  ["1e3", 1000n],
  ["12E-1", 2n],
  ["8Ei", 9_223_372_036_854_775_808n],
  ["100m", 1n],
  [1024, 1024n],
  ["0", 0n],
] as const)("%s is %d whole units", ([text, units]) => {
  expect(wholeUnits(text)).toBe(units);
});

test.for([
  ["500m", 500n],
  ["1.5", 1500n],
  ["2", 2000n],
  ["1u", 1n],
  ["1n", 1n],
  ["0.0001", 1n],
] as const)("%s is %d thousandths", ([text, value]) => {
  expect(thousandths(text)).toBe(value);
});

test.for(["", "Mi", "1GB", "1 Gi", "-1", "1.2.3", "1e", "one", "0x10", "1mi"])("%j is no quantity", (text) => {
  expect(isQuantity(text)).toBe(false);
  expect(() => parseQuantity(text)).toThrow(`${JSON.stringify(text)} is not a quantity`);
});

test.for([
  ["1024Mi", "1Gi"],
  ["1536Mi", "1536Mi"],
  ["1000M", "1G"],
  ["1000m", "1"],
  ["0.5", "500m"],
  ["1e9", "1e9"],
  ["0Mi", "0"],
  ["512", "512"],
] as const)("%s is written as %s", ([text, written]) => {
  expect(formatQuantity(parseQuantity(text))).toBe(written);
});

test("bytes are written in binary units where they fit", () => {
  expect([0, 1000, 134_217_728, 5 * 2 ** 30].map(formatBytes)).toEqual(["0", "1k", "128Mi", "5Gi"]);
});

const suffix = constantFrom("", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "e-2");
const quantity = tuple(nat(), suffix).map(([number, unit]) => `${number}${unit}`);

test("what is written reads as the same amount", () => {
  assert(
    property(quantity, (text) => {
      const parsed = parseQuantity(text);
      expect(parseQuantity(formatQuantity(parsed)).thousandths).toBe(parsed.thousandths);
    }),
  );
});

test("quantities are ordered as their amounts are, whatever they are written in", () => {
  assert(
    property(quantity, quantity, (a, b) => {
      expect(Math.sign(compareQuantities(a, b))).toBe(-Math.sign(compareQuantities(b, a)) + 0);
      expect(compareQuantities(a, b) === 0).toBe(thousandths(a) === thousandths(b));
    }),
  );
});
