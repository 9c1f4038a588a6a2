import { expect, test } from "vitest";
import { junitOf } from "../../../cli/job/junit.ts";
import type { Report } from "../../../cli/job/report.ts";

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#10": "\n" };

/** The value of an attribute as a parser of XML gives it. A character that needs an entity fails the test. */
function attribute(element: string, name: string): string {
  const value = new RegExp(` ${name}="([^"<]*)"`).exec(element)?.[1] ?? "None";
  return value.replace(/&([^;]*);?/g, (whole, entity: string) => {
    if (!Object.hasOwn(entities, entity)) throw new Error(`no entity of XML: ${whole}`);
    return entities[entity] ?? "";
  });
}

/** The counts of the suite, and the results of the cases that are not passed. */
function read(of: Report): { counts: string; cases: string[] } {
  const [, suite = "", inside = ""] = /<testsuite ([^>]*)>(.*)<\/testsuite>/s.exec(junitOf(of)) ?? [];
  const keys = ["name", "tests", "failures", "errors", "skipped", "time"];
  const cases = [...inside.matchAll(/<testcase ([^>]*)>(?:<(\w+)([^<>]*)\/>)?<\/testcase>/g)].map(
    ([, own = "", result, more = ""]) =>
      [attribute(` ${own}`, "name"), ...(result ? [result, attribute(more, "message")] : [])].join(" "),
  );
  return { counts: keys.map((key) => attribute(` ${suite}`, key)).join(" "), cases };
}

const report = (more: Partial<Report>): Report => ({ name: "job", namespace: "ci", stages: {}, ...more });

test("a command that ends well is a suite that passes", () => {
  const stages = { create: 0.1, start: 1.2, ready: 20, copy: 0, command: 3, artifacts: 0, delete: 1 };
  expect(read(report({ exitCode: 0, stages }))).toEqual({
    counts: "ci/job 7 0 0 0 25.300",
    cases: ["create", "start", "ready", "copy", "command", "artifacts", "delete"],
  });
});

test("a command that fails is a failure with its exit code", () => {
  const stages = { create: 0.1, start: 1, ready: 2, copy: 0, command: 3, artifacts: 0, delete: 1 };
  const { counts, cases } = read(report({ exitCode: 42, stages }));
  expect([counts, cases[4]]).toEqual(["ci/job 7 1 0 0 7.100", "command failure exit code 42"]);
});

test("what keeps the job from being done is an error of its stage, and the command was not run", () => {
  const error = 'it "did" not\nstart: <a> & b\u0007';
  expect(read(report({ error, stages: { create: 0.1, start: 60, delete: 1 } }))).toEqual({
    counts: "ci/job 3 0 1 1 61.100",
    cases: ["create", 'start error it "did" not\nstart: <a> & b\ufffd', "command skipped None"],
  });
});

test("a job that did not even begin is an error of the command", () => {
  expect(read(report({ error: "no cluster" }))).toMatchObject({ cases: ["command error no cluster"] });
});
