import type { Command } from "commander";
import type { Cli } from "./cli.ts";

/** What a command's file exports: it gives the command its arguments, flags, examples and action. */
export interface CommandModule {
  configure(command: Command, run: Runner): void;
}

/** Makes a commander action of a function that gets what a command works with, its flags and its arguments. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- without it, each action would have to ask what its flags are
export type Runner = <O extends object>(
  action: (cli: Cli, flags: O, args: readonly string[]) => Promise<void>,
) => (...given: unknown[]) => Promise<void>;

/** Adds examples to a command's help: each a line that says what for, and the command. */
export function examples(command: Command, ...list: readonly (readonly [string, string])[]): void {
  const text = list.map(([what, line]) => `  # ${what}\n  ${line}`).join("\n\n");
  command.addHelpText("after", `\nExamples:\n${text}\n\nUse "kubectl virt options" for the flags of all commands.`);
}
