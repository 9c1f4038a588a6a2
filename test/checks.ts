import { execa, type Options } from "execa";

const checks = ["format", "lint", "types", "generated"] as const;

/** The result of an npm script, and all that it printed. */
export interface CheckResult {
  name: string;
  failed: boolean;
  output: string;
}

/**
 * Runs the npm scripts that check the sources, all at once. Yields their results in a fixed order. `prefix` is a
 * program to run them by, with its arguments.
 */
export async function* runChecks(prefix: readonly string[] = []): AsyncGenerator<CheckResult> {
  const options = { stdin: "ignore", all: true, reject: false } as const satisfies Options;
  const runs = checks.map((name) => {
    const [program, ...args] = [...prefix, "npm", "run", "--silent", name];
    return { name, run: execa(program, args, options) };
  });
  for (const { name, run } of runs) {
    const { failed, all } = await run;
    yield { name, failed, output: all };
  }
}
