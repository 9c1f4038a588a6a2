import { execFile } from "node:child_process";

/** A program failed; its message is what the program said. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Runs a program to its end and returns what it printed; throws a CommandError with its own words when it fails. */
export async function run(command: readonly [string, ...string[]], { timeout = 60_000 } = {}): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout, maxBuffer: 16 << 20, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const words = stderr.trim() || error.message;
      reject(new CommandError(`${program}: ${words}`, { cause: error }));
    });
  });
}

/** A command that runs in the node's own mount namespace, for whoever sees the node's processes. */
export function onNode(command: readonly [string, ...string[]]): [string, ...string[]] {
  return ["nsenter", "--target", "1", "--mount", "--", ...command];
}
