import { type Command, Option } from "commander";
import { longOption, parseFlags, takesNext } from "./pflag.ts";

const help = new Option("-h, --help");

/**
 * Rewrites a command line for commander. kubectl's parser takes more forms (`pflag.ts`), so commander gets each flag in
 * the one form that is unambiguous. Calls `enter` with each named command, which gives the command its flags. Throws
 * FlagError.
 */
export async function commanderWords(
  args: readonly string[],
  root: Command,
  enter: (command: Command) => Promise<void>,
): Promise<string[]> {
  // A command line without a command asks for help.
  if (args.length === 0) return ["--help"];
  const { path, rest, options, isHelp } = await commandOf(args, root, enter);
  const { flags, args: operands, unknown } = parseFlags(rest, options);
  const words = flags.flatMap(({ option, value }) => {
    const { long = "" } = option;
    if (typeof value === "string") return [`${long}=${value}`];
    if (option === help) return value ? [long] : [];
    return [value ? long : oppositeOf(long)];
  });
  // For an unknown flag, commander suggests a similar one.
  return [...path, ...words, ...(isHelp ? ["--help"] : []), ...unknown, ...separated(operands)];
}

/** Finds the named command, wherever its flags are, and returns the other words. */
async function commandOf(args: readonly string[], root: Command, enter: (command: Command) => Promise<void>) {
  const path: string[] = [];
  const rest: string[] = [];
  let { commands } = root;
  let options: readonly Option[] = [...root.options, help];
  // `help get` means `get --help`, as in kubectl.
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
    // Only the first operand can be a command's name.
    if (!command) return { path, rest: [...rest, ...args.slice(i)], options, isHelp };
    await enter(command);
    path.push(word);
    options = [...options, ...command.options];
    ({ commands } = command);
  }
  return { path, rest, options, isHelp };
}

/** Whether the word after a flag is its value; also for a flag of a command whose name comes later. */
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
    // In a group of short flags, the last may take the word. If none does, one argument is left over.
    return parseFlags([word, next], options).args.length === 0;
  } catch {
    return false;
  }
}

/** Puts `--` before operands that commander could mistake for a flag. */
function separated(operands: readonly string[]): string[] {
  return operands.some((operand) => operand.startsWith("-")) ? ["--", ...operands] : [...operands];
}

/** Returns the flag that reverses a switch. */
export function oppositeOf(long: string): string {
  return long.startsWith("--no-") ? long.replace("--no-", "--") : long.replace("--", "--no-");
}
