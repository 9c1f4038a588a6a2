import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseYaml, printYaml, YamlError } from "../../../api/values/yaml.ts";

// test/e2e/cli/manifests.test.ts asks kubectl the same of whole manifests.
test.for<[string, unknown]>([
  ["yes", true],
  ["Off", false],
  ["n", false],
  ["0644", 420],
  ["0o644", 420],
  ["-0o10", -8],
  ["08", 8],
  ["0x1F", 31],
  ["1_000", 1000],
  ["1e3", 1000],
  ["12:30:45", "12:30:45"],
  ["10:00", "10:00"],
  ["2001-01-01", "2001-01-01"],
  ["2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"],
  ["52:54:00:12:34:56", "52:54:00:12:34:56"],
  ["'0644'", "0644"],
  [".", "."],
  ["~", null],
  ["", null],
  ["!!binary aGVsbG8=", "hello"],
  ["!!str 5", "5"],
])("%s is %j", ([text, value]) => {
  expect(parseYaml(`a: ${text}\n`)).toEqual([{ a: value }]);
});

test("of a key that comes twice, the last counts, and merge keys add what is not there", () => {
  expect(parseYaml("a: &x {p: 1, q: 1}\nb: {<<: *x, q: 2}\nc: 1\nc: 2\n")).toEqual([
    { a: { p: 1, q: 1 }, b: { p: 1, q: 2 }, c: 2 },
  ]);
});

test.for<[string, unknown[]]>([
  ['{"a": 1}', [{ a: 1 }]],
  ['{\n\t"a": [\n\t\t"}{"\n\t]\n}\n', [{ a: ["}{"] }]],
  ['{"a": 1}{"a": 2}\n{"a": "\\"}"}', [{ a: 1 }, { a: 2 }, { a: '"}' }]],
  ["a: 1\n---\n---\na: 2\n", [{ a: 1 }, null, { a: 2 }]],
])("%j holds %j", ([text, values]) => {
  expect(parseYaml(text)).toEqual(values);
});

test.for(["a: [", '{"a": ', "a: b: c"])("%j is no YAML", (text) => {
  expect(() => parseYaml(text)).toThrow(YamlError);
});

test.for([
  "yes",
  "N",
  "off",
  "0644",
  "0o17",
  "0x1",
  "1_0",
  "12:30",
  "2001-01-01",
  "~",
  "null",
  "1e3",
  ".5",
  ".",
  "<<",
  "=",
])("the text %j is text to who reads what was printed", (text) => {
  expect(parseYaml(printYaml({ [text]: text }))).toEqual([{ [text]: text }]);
  expect(parse(printYaml({ a: text }))).toEqual({ a: text });
  expect(parse(printYaml({ a: text }), { version: "1.1" })).toEqual({ a: text });
});
