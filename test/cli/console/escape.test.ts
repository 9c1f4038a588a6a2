import { expect, test } from "vitest";
import { escapeName, parseEscape, splitAtEscape } from "../../../cli/console/escape.ts";

test.for([
  ["^]", 0x1d],
  ["^a", 1],
  ["ctrl-A", 1],
  ["Ctrl+]", 0x1d],
  ["none", undefined],
  ["a", "invalid"],
  ["^^", 0x1e],
  ["^1", "invalid"],
  ["", "invalid"],
] as const)("%s is %s", ([text, escape]) => {
  expect(parseEscape(text)).toBe(escape);
});

test("a control character is shown as it is written", () => {
  expect([escapeName(0x1d), escapeName(1)]).toEqual(["^]", "^A"]);
});

test("input is cut at the escape character, wherever it is", () => {
  expect(splitAtEscape(Buffer.from("ab\x1dc"), 0x1d)).toEqual({ before: Buffer.from("ab"), escaped: true });
  expect(splitAtEscape(Buffer.from("ab\x1dc"), undefined)).toEqual({ before: Buffer.from("ab\x1dc"), escaped: false });
});
