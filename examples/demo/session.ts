import { styleText } from "node:util";
import { execa } from "execa";
import type { Target } from "./target.ts";

/** Runs kubectl as a person would, and shows each command and its output. */
export class Session {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #flags: readonly string[];

  constructor({ environment, flags }: Pick<Target, "environment" | "flags">) {
    this.#environment = environment;
    this.#flags = flags;
  }

  /** Runs kubectl and shows the command and its output; throws when it fails. */
  async run(command: readonly string[]): Promise<void> {
    const args = [...command, ...this.#flags];
    process.stdout.write(`\n${styleText("bold", `$ kubectl ${args.map(quoted).join(" ")}`)}\n`);
    const { exitCode } = await execa("kubectl", args, {
      env: this.#environment,
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      reject: false,
    });
    if (exitCode !== 0) throw new Error(`kubectl ${args.join(" ")} ended with exit code ${exitCode ?? "none"}`);
  }

  /** Runs kubectl and returns its output without showing it. */
  async output(command: readonly string[]): Promise<string> {
    const { stdout } = await execa("kubectl", [...command, ...this.#flags], { env: this.#environment });
    return stdout;
  }
}

const quoted = (text: string): string => (/^[\w.,:/=-]+$/.test(text) ? text : `'${text}'`);
