import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { junitOf } from "../../../cli/job/junit.ts";
import type { Report } from "../../../cli/job/report.ts";

/** What a parser of XML finds: the counts of the suite, and the results of the cases that are not passed. */
async function read(report: Report): Promise<{ counts: string; cases: string[] }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "junit-"));
  const file = join(folder.path, "junit.xml");
  await writeFile(file, junitOf(report));
  const script = `
import json, sys, xml.etree.ElementTree as tree
suite = tree.parse(sys.argv[1]).getroot()[0]
keys = ("name", "tests", "failures", "errors", "skipped", "time")
cases = [" ".join([case.get("name"), *(f"{one.tag} {one.get('message')}" for one in case)]) for case in suite]
print(json.dumps({"counts": " ".join(suite.get(key) for key in keys), "cases": cases}))`;
  return JSON.parse((await execa("python3", ["-c", script, file])).stdout);
}

const report = (more: Partial<Report>): Report => ({ name: "job", namespace: "ci", stages: {}, ...more });

test("a command that ends well is a suite that passes", async () => {
  const stages = { create: 0.1, start: 1.2, ready: 20, copy: 0, command: 3, artifacts: 0, delete: 1 };
  expect(await read(report({ exitCode: 0, stages }))).toEqual({
    counts: "ci/job 7 0 0 0 25.300",
    cases: ["create", "start", "ready", "copy", "command", "artifacts", "delete"],
  });
});

test("a command that fails is a failure with its exit code", async () => {
  const stages = { create: 0.1, start: 1, ready: 2, copy: 0, command: 3, artifacts: 0, delete: 1 };
  const { counts, cases } = await read(report({ exitCode: 42, stages }));
  expect([counts, cases[4]]).toEqual(["ci/job 7 1 0 0 7.100", "command failure exit code 42"]);
});

test("what keeps the job from being done is an error of its stage, and the command was not run", async () => {
  const error = 'it "did" not\nstart: <a> & b\u0007';
  expect(await read(report({ error, stages: { create: 0.1, start: 60, delete: 1 } }))).toEqual({
    counts: "ci/job 3 0 1 1 61.100",
    cases: ["create", 'start error it "did" not\nstart: <a> & b\ufffd', "command skipped None"],
  });
});

test("a job that did not even begin is an error of the command", async () => {
  expect(await read(report({ error: "no cluster" }))).toMatchObject({ cases: ["command error no cluster"] });
});
