import { type Command, Option } from "commander";

const help = new Option("-h, --help");

/**
 * The words of a command line as commander reads them. kubectl's switches may have a value (`--wait=false`), which
 * commander's may not; and commander takes every flag that it knows for one, even where it is the value of the flag
 * before it, unless both are one word. `enter` is called with each command that is named, and gives it its flags.
 */
export async function wordsOf(
  args: readonly string[],
  root: Command,
  enter: (command: Command) => Promise<void>,
): Promise<string[]> {
  // No command at all is a question too.
  if (args.length === 0) return ["--help"];
  const words: string[] = [];
  // `help get` is `get --help`, as kubectl has it.
  const asked: string[] = [];
  let isFirst = true;
  let options: readonly Option[] = [...root.options, help];
  let commands = root.commands;
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i] ?? "";
    if (word === "--") return [...words, ...asked, ...args.slice(i)];
    if (word.length > 1 && word.startsWith("-")) {
      const value = args[i + 1];
      const joined = value === undefined ? undefined : withValue(word, value, options);
      if (joined) i += 1;
      words.push(...(joined ?? [asSwitch(word, options)]));
      continue;
    }
    const isHelp = isFirst && word === "help";
    isFirst = false;
    if (isHelp) {
      asked.push("--help");
      continue;
    }
    words.push(word);
    // Only what comes first is a command's name.
    const command = commands.find((one) => one.name() === word);
    if (command) await enter(command);
    options = [...options, ...(command?.options ?? [])];
    commands = command?.commands ?? [];
  }
  return [...words, ...asked];
}

const takesValue = (option: Option | undefined): boolean => option?.required === true;

/** A flag and the word after it as one, if that is its value; switches that are written with it (`-Al`) stay apart. */
function withValue(word: string, value: string, options: readonly Option[]): string[] | undefined {
  const named = options.find(({ long, short }) => word === long || word === short);
  if (named) return takesValue(named) ? [`${named.long}=${value}`] : undefined;
  if (word.startsWith("--")) return undefined;
  const group = Array.from(word.slice(1), (letter) => options.find(({ short }) => short === `-${letter}`));
  const last = group.pop();
  // What follows a flag with a value in its word is the value.
  if (!last || !takesValue(last) || group.some((option) => !option || takesValue(option))) return undefined;
  return [word.slice(0, -1), `${last.long}=${value}`];
}

/** A switch without its value, as itself or its opposite; any other word as it is. Of `-n=x` the value is `x`. */
function asSwitch(word: string, options: readonly Option[]): string {
  const [, short, rest] = /^(-[a-zA-Z])=(.*)$/s.exec(word) ?? [];
  const shortened = options.find((one) => short !== undefined && one.short === short);
  if (takesValue(shortened)) return `${shortened?.long}=${rest}`;
  const [, name, value] = /^(--[^=]+)=(true|false)$/.exec(word) ?? [];
  const option = options.find(({ long }) => long === name);
  if (name === undefined || !option || takesValue(option)) return word;
  return value === "true" ? name : oppositeOf(name);
}

/** The flag that takes a switch back. */
export function oppositeOf(long: string): string {
  return long.startsWith("--no-") ? long.replace("--no-", "--") : long.replace("--", "--no-");
}
