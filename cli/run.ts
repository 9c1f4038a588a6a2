import { Command, CommanderError } from "commander";
import { Cli } from "./cli.ts";
import type { Runner } from "./command.ts";
import { errorText } from "./error-text.ts";
import { Ended, Failure } from "./failure.ts";
import type { GlobalFlags } from "./flags/global-flags.ts";
import { FlagError } from "./flags/pflag.ts";
import { commanderWords } from "./flags/words.ts";
import { type Io, write } from "./io.ts";
import { failureCodeOf, prepare, program, usageText } from "./program.ts";

/** Runs a command line, without the program's name, and resolves to its exit code. Never throws. */
export async function run(args: readonly string[], io: Io, signal: AbortSignal): Promise<number> {
  if (args[0] === "__complete") {
    const { complete } = await import("./complete.ts");
    await complete(args.slice(1), io, signal);
    return 0;
  }
  let cli: Cli | undefined;
  const dashes = args.indexOf("--");
  const afterDashes = dashes < 0 ? 0 : args.length - dashes - 1;
  const runner: Runner =
    <O extends object>(action: (cli: Cli, flags: O, args: readonly string[]) => Promise<void>) =>
    async (...given) => {
      const command = given.at(-1);
      if (!(command instanceof Command)) throw new TypeError("an action without its command");
      cli = new Cli(io, command.optsWithGlobals<GlobalFlags>(), signal, afterDashes);
      await action(cli, command.optsWithGlobals<O>(), command.args);
    };
  let said = "";
  const root = program((text) => (said = text));
  let name: string | undefined;
  try {
    const words = await commanderWords(args, root, (command) => {
      name ??= command.name();
      return prepare(command, runner);
    });
    await root.parseAsync(words, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError || error instanceof FlagError) {
      // Help is no error, and commander has already printed it.
      if (error instanceof CommanderError && error.exitCode === 0) return 0;
      const text = error instanceof FlagError ? error.message : said;
      await write(io.stderr, `${usageText(text, error, name ? `kubectl virt ${name}` : "kubectl virt")}\n`);
      return failureCodeOf(name);
    }
    return failed(error, io, signal, failureCodeOf(name));
  } finally {
    await cli?.close();
  }
}

function failed(error: unknown, io: Io, signal: AbortSignal, failureCode: number): number {
  // An interrupted command may also throw another error; the interruption is the real cause.
  const cause: unknown = signal.aborted ? signal.reason : error;
  if (cause instanceof Ended) return cause.exitCode;
  // The reader of the output has closed the pipe.
  if (error instanceof Error && "code" in error && error.code === "EPIPE") return 0;
  io.stderr.write(`${errorText(error)}\n`);
  return error instanceof Failure && error.exitCode !== undefined ? error.exitCode : failureCode;
}
