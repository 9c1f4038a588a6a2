import { expect, test } from "vitest";
import { ReportedProblems } from "../../../cli/console/reported-problems.ts";

/** Those of some states in turn that are told; what ends with `!` asks for something. */
function toldOf(...states: readonly string[]): string[] {
  const told = new ReportedProblems();
  return states.filter((text) => told.isNew({ text, asks: text.endsWith("!") }));
}

test("a problem that comes again and again is told once", () => {
  expect(toldOf("Starting", "Starting", "CrashLoopBackOff", "Starting", "CrashLoopBackOff")).toEqual([
    "Starting",
    "CrashLoopBackOff",
  ]);
});

test("an image that can't be pulled is one problem, whether it is tried just now or later", () => {
  expect(toldOf("(Starting)", "(ImagePullBackOff)", "(ErrImagePull)", "(ImagePullBackOff)")).toEqual([
    "(Starting)",
    "(ImagePullBackOff)",
  ]);
});

test("that a machine is to be started is told each time that it has stopped, and so is what hinders it then", () => {
  const once = ["start it!", "Starting", "CrashLoopBackOff"];
  expect(toldOf(...once, ...once)).toEqual([...once, ...once]);
  expect(toldOf("start it!", "start it!")).toEqual(["start it!"]);
});
