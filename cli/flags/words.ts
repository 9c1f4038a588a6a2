import { type Command, Option } from "commander";
import { longOption, parseFlags, takesNext } from "./pflag.ts";

const help = new Option("-h, --help");

/**
 * The words of a command line as commander reads them: kubectl's parser takes more (`pflag.ts`), so that each flag is
 * given to commander in the one form in which nothing can be taken for something else. `enter` is called with each command
 * that is named, and gives it its flags. Throws FlagError.
 */
export async function wordsOf(
  args: readonly string[],
  root: Command,
  enter: (command: Command) => Promise<void>,
): Promise<string[]> {
  // No command at all is a question too.
  if (args.length === 0) return ["--help"];
  const { path, rest, options, isHelp } = await commandOf(args, root, enter);
  const { flags, args: operands, unknown } = parseFlags(rest, options);
  const words = flags.flatMap(({ option, value }) => {
    const { long = "" } = option;
    if (typeof value === "string") return [`${long}=${value}`];
    if (option === help) return value ? [long] : [];
    return [value ? long : oppositeOf(long)];
  });
  // Commander tells what an unknown one may have meant.
  return [...path, ...words, ...(isHelp ? ["--help"] : []), ...unknown, ...separated(operands)];
}

/** The command that is named, wherever its flags stand, and the words that are not its name. */
async function commandOf(args: readonly string[], root: Command, enter: (command: Command) => Promise<void>) {
  const path: string[] = [];
  const rest: string[] = [];
  let { commands } = root;
  let options: readonly Option[] = [...root.options, help];
  // `help get` is `get --help`, as kubectl has it.
  let isHelp = false;
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i] ?? "";
    if (word === "--") return { path, rest: [...rest, ...args.slice(i)], options, isHelp };
    if (word.length > 1 && word.startsWith("-")) {
      const skipped = hasValueAfter(word, args[i + 1], options, commands) ? 2 : 1;
      rest.push(...args.slice(i, i + skipped));
      i += skipped - 1;
      continue;
    }
    if (path.length === 0 && !isHelp && word === "help") {
      isHelp = true;
      continue;
    }
    const command = commands.find((one) => one.name() === word);
    // Only what comes first is a command's name.
    if (!command) return { path, rest: [...rest, ...args.slice(i)], options, isHelp };
    await enter(command);
    path.push(word);
    options = [...options, ...command.options];
    ({ commands } = command);
  }
  return { path, rest, options, isHelp };
}

/** Whether the word after a flag is its value, of a flag also that only the command knows, whose name comes later. */
function hasValueAfter(
  word: string,
  next: string | undefined,
  options: readonly Option[],
  commands: readonly Command[],
): boolean {
  if (next === undefined || word.includes("=")) return false;
  const isLong = word.startsWith("--");
  const option = isLong ? longOption(word.slice(2), options) : options.find(({ short }) => short === word.slice(0, 2));
  if (!option) return commands.length > 0 && !commands.some((command) => command.name() === next);
  if (isLong || word.length === 2) return takesNext(option);
  try {
    // Of a group, the last may take it; one more word is left over when none does.
    return parseFlags([word, next], options).args.length === 0;
  } catch {
    return false;
  }
}

/** Operands, so that none is taken for a flag or a command. */
function separated(operands: readonly string[]): string[] {
  return operands.some((operand) => operand.startsWith("-")) ? ["--", ...operands] : [...operands];
}

/** The flag that takes a switch back. */
export function oppositeOf(long: string): string {
  return long.startsWith("--no-") ? long.replace("--no-", "--") : long.replace("--", "--no-");
}
