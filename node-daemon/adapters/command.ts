import { execFile } from "node:child_process";

/** A program failed; its message is what the program said. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

export interface RunOptions {
  /** Milliseconds. */
  timeout?: number;
  /** Variables of its environment, besides our own. */
  env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and returns what it printed; throws a CommandError with its own words when it fails. */
export async function run(
  command: readonly [string, ...string[]],
  { timeout = 60_000, env }: RunOptions = {},
): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const options = { timeout, maxBuffer: 16 << 20, killSignal: "SIGKILL", env: { ...process.env, ...env } } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      // Node's own words are the whole command, which may be a script.
      const words = stderr.trim();
      reject(words ? new CommandError(`${program}: ${words}`) : new CommandError(program, { cause: error }));
    });
  });
}

/** A command that runs in the node's own mount namespace, for whoever sees the node's processes. */
export function onNode(command: readonly [string, ...string[]]): [string, ...string[]] {
  return ["nsenter", "--target", "1", "--mount", "--", ...command];
}
