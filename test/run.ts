import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { runChecks } from "./checks.ts";
import { waiting, withGuests } from "./e2e/folders.ts";
import { clusterName } from "./e2e/workers.ts";

/**
 * Runs every check and every test of the project. Its last line is the sum over all of them:
 * `N passed, N failed, N skipped`. Each check counts as one.
 */
async function main(): Promise<void> {
  await using _held = await roomForInotify();
  const results = await Promise.all([
    vitest(["e2e"], { folders: [...withGuests], env: { E2E_WORKERS: String(workers) } }),
    vitest(["e2e"], { folders: waiting(), env: { E2E_CLUSTER: clusterName(workers + 1) }, nice: true }),
    withoutCluster(),
  ]);
  const total = sum(results);
  // List the failures again at the end, without diffs. Some systems keep only the end of the output, and a long diff
  // would hide the other failures.
  for (const failure of total.failures) process.stdout.write(`failed: ${failure}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

/** The niceness of all that gives way to emulated guests. */
const nicer = ["-n", "5"] as const;

/** Runs checks and unit tests, which need no cluster. They use the processor while e2e tests wait, half of the time. */
async function withoutCluster(): Promise<Totals> {
  const totals: Totals[] = [];
  for await (const { name, failed, output } of runChecks(["nice", ...nicer])) {
    if (output) process.stdout.write(`${output}\n`);
    totals.push({
      passed: failed ? 0 : 1,
      failed: failed ? 1 : 0,
      skipped: 0,
      failures: failed ? [`npm run ${name}`] : [],
    });
  }
  totals.push(await vitest(["unit", "long"], { nice: true }));
  return sum(totals);
}

function sum(totals: readonly Totals[]): Totals {
  const of = (kind: "passed" | "failed" | "skipped"): number => totals.reduce((all, one) => all + one[kind], 0);
  return {
    passed: of("passed"),
    failed: of("failed"),
    skipped: of("skipped"),
    failures: totals.flatMap(({ failures }) => failures),
  };
}

/**
 * The number of e2e test files with guests at once. With three, guests that two cores emulate reach their time limits.
 * Beside these, one worker runs the files that mostly wait.
 */
const workers = 2;

/**
 * Raises the computer's limit of inotify instances to the need of all clusters, also those that tests start. Disposal
 * restores the old limit. The kernel's default of 128 for a user is enough for four clusters.
 */
async function roomForInotify(): Promise<AsyncDisposable> {
  const file = "/proc/sys/fs/inotify/max_user_instances";
  const before = Number(await readFile(file, "utf8"));
  const wanted = Math.max(before, 1024);
  await writeFile(file, String(wanted));
  return { [Symbol.asyncDispose]: () => writeFile(file, String(before)) };
}

interface RunOptions {
  /** Folders of `test/e2e`; all of the project's files by default. */
  folders?: readonly string[];
  /** Environment variables besides our own. */
  env?: Readonly<Record<string, string>>;
  /** Gives way to emulated guests. */
  nice?: boolean;
}

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** The name and message of each failure. */
  failures: string[];
}

/** Runs the tests of vitest projects. A failure outside a test (a set-up, an unhandled rejection) counts as one. */
async function vitest(
  projects: readonly ("unit" | "long" | "e2e")[],
  { folders = [], env = {}, nice = false }: RunOptions = {},
): Promise<Totals> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "vitest-"));
  const report = join(scratch.path, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const files = folders.map((folder) => `test/e2e/${folder}/`);
  const command = ["run", ...projects.map((project) => `--project=${project}`), ...reporters, ...files];
  // Unit tests print at their end, so that their lines do not come between those of e2e tests.
  const output = projects.includes("e2e")
    ? ({ stdout: "inherit", stderr: "inherit" } as const)
    : ({ all: true } as const);
  const [program = "", ...args] = [...(nice ? ["nice", ...nicer] : []), "vitest", ...command];
  const { failed, all } = await execa(program, args, {
    stdin: "ignore",
    reject: false,
    preferLocal: true,
    env,
    ...output,
  });
  if (all) process.stdout.write(`${all}\n`);
  const text = await readFile(report, "utf8").catch(() => "{}");
  const { testResults = [], ...counts } = JSON.parse(text) as Partial<Report>;
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = counts;
  const failures = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages: [message = ""] }) => {
        return `${relative(".", name)}: ${fullName}: ${inShort(message)}`;
      }),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests === 0 && failed ? 1 : numFailedTests,
    skipped: numPendingTests + numTodoTests,
    failures,
  };
}

/** An error's message without its stack. Of a long message, the start and the end: a program's output is at the end. */
function inShort(message: string): string {
  const text = stripVTControlCharacters(message).split(/\n +at /, 1)[0] ?? "";
  return text.length > 2000 ? `${text.slice(0, 600)} … ${text.slice(-1400)}` : text;
}

/** The fields that we read of the report of vitest's JSON reporter. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    /** The path of the file. */
    name: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

await main();
