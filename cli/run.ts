import { Command, CommanderError } from "commander";
import { Cli } from "./cli.ts";
import type { Runner } from "./command.ts";
import { errorText } from "./error-text.ts";
import { Ended, Failure } from "./failure.ts";
import type { GlobalFlags } from "./global-flags.ts";
import { type Io, write } from "./io.ts";
import { program, usageText } from "./program.ts";

/** Runs a command line, without the program's name, and resolves to its exit code. Nothing is thrown. */
export async function run(args: readonly string[], io: Io, signal: AbortSignal): Promise<number> {
  if (args[0] === "__complete") {
    const { complete } = await import("./complete.ts");
    await complete(args.slice(1), io, signal);
    return 0;
  }
  let cli: Cli | undefined;
  const runner: Runner =
    <O extends object>(action: (cli: Cli, flags: O, args: readonly string[]) => Promise<void>) =>
    async (...given) => {
      const command = given.at(-1);
      if (!(command instanceof Command)) throw new TypeError("an action without its command");
      cli = new Cli(io, command.optsWithGlobals<GlobalFlags>(), signal);
      await action(cli, command.optsWithGlobals<O>(), command.args);
    };
  let said = "";
  const root = program(runner, (text) => (said = text));
  try {
    await root.parseAsync(wordsOf(args), { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help is no error; what it prints is written already.
      if (error.exitCode === 0) return 0;
      const name = args.find((word) => root.commands.some((command) => command.name() === word));
      await write(io.stderr, `${usageText(said, error, name ? `kubectl virt ${name}` : "kubectl virt")}\n`);
      return 1;
    }
    return failed(error, io, signal);
  } finally {
    await cli?.close();
  }
}

function failed(error: unknown, io: Io, signal: AbortSignal): number {
  // Whatever an interrupted command stumbles over is not what it ended for.
  const cause: unknown = signal.aborted ? signal.reason : error;
  if (cause instanceof Ended) return cause.exitCode;
  // Whoever read the output has seen enough.
  if (error instanceof Error && "code" in error && error.code === "EPIPE") return 0;
  io.stderr.write(`${errorText(error)}\n`);
  return error instanceof Failure ? error.exitCode : 1;
}

/** `help COMMAND` is `COMMAND --help`, and no command at all is a question too. */
function wordsOf(args: readonly string[]): string[] {
  if (args.length === 0) return ["--help"];
  const words = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  // kubectl's switches may have a value, commander's not.
  return words.map((word) =>
    word
      .replace(/^--([a-z-]+)=true$/, "--$1")
      .replace(/^--no-([a-z-]+)=false$/, "--$1")
      .replace(/^--([a-z-]+)=false$/, "--no-$1"),
  );
}
