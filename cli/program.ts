import { Command, CommanderError, Option } from "commander";
import type { CommandModule, Runner } from "./command.ts";
import { addGlobalOptions } from "./flags/global-flags.ts";
import type { FlagError } from "./flags/pflag.ts";
import { oppositeOf } from "./flags/words.ts";
import { exitCodes } from "./remote/exit-codes.ts";

interface Entry {
  readonly name: string;
  readonly about: string;
  /** Imports the command's file. The program imports only the command that runs, to save time. */
  readonly load: () => Promise<CommandModule>;
  /** The exit code of a failure; 1 if absent. */
  readonly failureCode?: number;
}

const entries: Readonly<Record<string, readonly Entry[]>> = {
  "Make and change:": [
    {
      name: "create",
      about: "create a virtual machine from flags or from a file",
      load: () => import("./commands/create.ts"),
    },
    {
      name: "run",
      about: "run a command in a machine of its own, which is gone at the end",
      load: () => import("./commands/run.ts"),
      failureCode: exitCodes.failed,
    },
    { name: "start", about: "start virtual machines", load: () => import("./commands/start.ts") },
    { name: "stop", about: "shut virtual machines down", load: () => import("./commands/stop.ts") },
    {
      name: "restart",
      about: "stop virtual machines and start them again",
      load: () => import("./commands/restart.ts"),
    },
    {
      name: "pause",
      about: "freeze running virtual machines where they are",
      load: () => import("./commands/pause.ts"),
    },
    { name: "unpause", about: "resume paused virtual machines", load: () => import("./commands/unpause.ts") },
    { name: "delete", about: "delete virtual machines", load: () => import("./commands/delete.ts") },
  ],
  "Look:": [
    { name: "get", about: "list virtual machines, or watch them", load: () => import("./commands/get.ts") },
    { name: "describe", about: "show the details of virtual machines", load: () => import("./commands/describe.ts") },
    { name: "logs", about: "print what a guest wrote to its serial port", load: () => import("./commands/logs.ts") },
  ],
  "Be at the machine:": [
    { name: "console", about: "connect to the serial console", load: () => import("./commands/console.ts") },
    { name: "vnc", about: "connect to the screen, or save a picture of it", load: () => import("./commands/vnc.ts") },
    {
      name: "exec",
      about: "run a command in a machine by SSH",
      load: () => import("./commands/exec.ts"),
      failureCode: exitCodes.failed,
    },
    { name: "ssh", about: "log in by SSH, wherever the machine runs", load: () => import("./commands/ssh.ts") },
    { name: "scp", about: "copy files into a machine and out of it", load: () => import("./commands/scp.ts") },
    {
      name: "port-forward",
      about: "forward local ports to a virtual machine",
      load: () => import("./commands/port-forward.ts"),
    },
  ],
  "Other:": [
    { name: "version", about: "print the versions of client and server", load: () => import("./commands/version.ts") },
    { name: "options", about: "list the flags of all commands", load: () => import("./commands/options.ts") },
  ],
};

/** All commands. */
export const commands: readonly Pick<Entry, "name" | "about">[] = Object.values(entries).flat();

/** The exit code of a failure of a command. */
export function failureCodeOf(name: string | undefined): number {
  const entry = Object.values(entries)
    .flat()
    .find((one) => one.name === name);
  return entry?.failureCode ?? 1;
}

/** Gives a command its arguments and flags, found by the command's name. */
export async function configureCommand(command: Command, run: Runner): Promise<void> {
  const entry = Object.values(entries)
    .flat()
    .find(({ name }) => name === command.name());
  const module = await entry?.load();
  module?.configure(command, run);
}

/** Prepares a command of the program, or a sub-command of it, for parsing. */
export async function prepare(command: Command, run: Runner): Promise<void> {
  if (!command.parent?.parent) await configureCommand(command, run);
  addOpposites(command);
}

/**
 * Makes the command line. Its commands have only their names before `prepare`. Parsing throws CommanderError, after a
 * call of `onError` with the text.
 */
export function program(onError: (text: string) => void): Command {
  const root = new Command("kubectl virt")
    .description("Virtual machines on Kubernetes.")
    .usage("COMMAND [flags]")
    .helpCommand(false)
    .helpOption("-h, --help", "show help")
    .exitOverride()
    .configureOutput({ outputError: (text) => onError(text) })
    .configureHelp({
      showGlobalOptions: false,
      // An optional value comes only after "=" (see `pflag.ts`).
      optionTerm: ({ flags }) => flags.replace(" [", "[="),
    })
    .addHelpText("after", '\nUse "kubectl virt COMMAND --help" for a command\'s flags and examples.');
  addGlobalOptions(root);
  addOpposites(root);
  for (const [heading, group] of Object.entries(entries)) {
    root.commandsGroup(heading);
    for (const { name, about } of group) root.command(name).description(about).usage("[flags]");
  }
  return root;
}

/** Adds the opposite of every switch, for `--wait=false` (see `wordsOf`). */
function addOpposites(command: Command): void {
  for (const { long, required, optional } of command.options.slice()) {
    if (long && !required && !optional) command.addOption(new Option(oppositeOf(long)).hideHelp());
  }
}

/** Rewords commander's error text as kubectl words it. */
export function usageText(text: string, error: CommanderError | FlagError, command: string): string {
  const said = text.trim().replace(/^error: /, "");
  const see = `See '${command} --help' for usage.`;
  const unknown = /^unknown option '([^']+)'(?:\n(.*))?$/s.exec(said);
  if (unknown) return ["error: unknown flag: " + unknown[1], unknown[2], see].filter(Boolean).join("\n");
  const invalid = /^option '([^']+)' argument '(.*)' is invalid\. (.*)$/s.exec(said);
  if (invalid) {
    if (invalid[3]?.startsWith("unable to match a printer")) return `error: ${invalid[3]}`;
    const flag = (invalid[1] ?? "").split(/[ ,|]+/).find((word) => word.startsWith("--"));
    return `error: invalid argument "${invalid[2]}" for "${flag}" flag: ${lowerFirst(invalid[3] ?? "")}`;
  }
  const missing = /^option '([^']+)' argument missing$/.exec(said);
  if (missing) return `error: flag needs an argument: ${missing[1]}\n${see}`;
  if (error instanceof CommanderError && error.code === "commander.unknownCommand") {
    return `error: ${said.replace(/^unknown command '([^']*)'/, 'unknown command "$1" for "kubectl virt"')}\n${see}`;
  }
  return `error: ${said}\n${see}`;
}

function lowerFirst(text: string): string {
  return text.replace(/^Allowed choices are/, "allowed are");
}
