import { execFile } from "node:child_process";

/** A program failed. The message is the program's own error output. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

export interface RunOptions {
  /** Milliseconds. */
  timeout?: number;
  /** Environment variables for the program, added to the daemon's own. */
  env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and returns its output; throws a CommandError with its message when it fails. */
export async function run(
  command: readonly [string, ...string[]],
  { timeout = 60_000, env }: RunOptions = {},
): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const options = { timeout, maxBuffer: 16 << 20, killSignal: "SIGKILL", env: { ...process.env, ...env } } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      // Node's own error message contains the whole command, which may be a script.
      const words = stderr.trim();
      reject(words ? new CommandError(`${program}: ${words}`) : new CommandError(program, { cause: error }));
    });
  });
}

/** A command in the node's own mount namespace. The caller must see the node's processes. */
export function onNode(command: readonly [string, ...string[]]): [string, ...string[]] {
  return ["nsenter", "--target", "1", "--mount", "--", ...command];
}
