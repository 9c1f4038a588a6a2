import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { logLine } from "../../../cluster/dev/log-line.ts";

const plain = (line: string): string => stripVTControlCharacters(logLine("controller", line));

test("a line of log is time, who, level, message and fields", () => {
  const entry = {
    level: "info",
    time: "2026-01-02T03:04:05.678Z",
    vmi: "default/web",
    waits: "for a node",
    msg: "placed",
  };
  expect(plain(JSON.stringify(entry))).toBe(
    '03:04:05.678 controller       info  placed vmi=default/web waits="for a node"',
  );
  expect(plain(JSON.stringify({ ...entry, level: 40 }))).toContain(" warn  placed");
});

test("a failure's stack is below its line", () => {
  const entry = {
    level: "error",
    time: "2026-01-02T03:04:05.678Z",
    msg: "failed",
    error: { stack: "Error: no\n    at a.ts" },
  };
  expect(plain(JSON.stringify(entry)).split("\n")).toEqual([
    "03:04:05.678 controller       error failed",
    "    Error: no",
    "        at a.ts",
  ]);
});

test("what is no structured log is shown as it is", () => {
  expect(plain("{ no JSON")).toBe("             controller       { no JSON");
});
