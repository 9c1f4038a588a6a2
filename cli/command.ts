import type { Command } from "commander";
import type { Cli } from "./cli.ts";

/** The exports of a command's file. `configure` gives the command its arguments, flags, examples and action. */
export interface CommandModule {
  configure(command: Command, run: Runner): void;
}

/** Turns a function of environment, flags and arguments into a commander action. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- without it, each action would have to ask what its flags are
export type Runner = <O extends object>(
  action: (cli: Cli, flags: O, args: readonly string[]) => Promise<void>,
) => (...given: unknown[]) => Promise<void>;

/** Adds examples to a command's help: each has a line that names the purpose, and the command. */
export function examples(command: Command, ...list: readonly (readonly [string, string])[]): void {
  const text = list.map(([what, line]) => `  # ${what}\n  ${line}`).join("\n\n");
  command.addHelpText("after", `\nExamples:\n${text}\n\nUse "kubectl virt options" for the flags of all commands.`);
}
