import type { Option } from "commander";

/** A mistake in the syntax of flags. */
export class FlagError extends Error {
  override readonly name = "FlagError";
}

/** A flag with its value on the command line. */
export interface GivenFlag {
  readonly option: Option;
  /** The value, or whether a switch is on. */
  readonly value: string | boolean;
}

/** The parts of a command line. */
export interface Parsed {
  readonly flags: GivenFlag[];
  readonly args: string[];
  /** Unknown flags, as the user wrote them. */
  readonly unknown: string[];
}

/**
 * Parses a command line like kubectl's parser (pflag). It takes `--name=value`, `--name value`, `-nvalue`, `-n=value`,
 * `-n value`, switches in one word (`-Aw`) and with a value (`--wait=false`, `-w=0`), and `_` for `-` in names. No word
 * after `--` is a flag. Throws FlagError, in pflag's words.
 */
export function parseFlags(words: readonly string[], options: readonly Option[]): Parsed {
  const parsed: Parsed = { flags: [], args: [], unknown: [] };
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === "--") {
      parsed.args.push(...left);
      break;
    }
    if (word.startsWith("--")) parseLong(word, left, options, parsed);
    else if (word.length > 1 && word.startsWith("-")) parseShort(word.slice(1), left, options, parsed);
    else parsed.args.push(word);
  }
  return parsed;
}

/** Whether a flag without a value in its own word takes the next word. A flag with an optional value never does. */
export function takesNext({ required }: Option): boolean {
  return required;
}

/** Finds the option of a long flag's name. */
export function longOption(name: string, options: readonly Option[]): Option | undefined {
  const long = `--${name.replaceAll("_", "-")}`;
  return options.find((option) => option.long === long);
}

function parseLong(word: string, left: string[], options: readonly Option[], { flags, unknown }: Parsed): void {
  const text = word.slice(2);
  if (/^[-=]/.test(text)) throw new FlagError(`bad flag syntax: ${word}`);
  const [name = "", value] = text.split(/=(.*)/s);
  const option = longOption(name, options);
  if (option) flags.push({ option, value: valueOf(option, value, left, `--${name}`) });
  else unknown.push(word);
}

function parseShort(group: string, left: string[], options: readonly Option[], { flags }: Parsed): void {
  for (let rest = group; rest !== ""; ) {
    const [letter = ""] = rest;
    const option = options.find(({ short }) => short === `-${letter}`);
    if (!option) throw new FlagError(`unknown shorthand flag: '${letter}' in -${rest}`);
    const more = rest.slice(1);
    const joined = more.length > 1 && more.startsWith("=") ? more.slice(1) : undefined;
    if (joined === undefined && !takesNext(option)) {
      flags.push({ option, value: valueOf(option, undefined, left, "") });
      rest = more;
      continue;
    }
    const value = joined ?? (more === "" ? undefined : more);
    flags.push({ option, value: valueOf(option, value, left, `'${letter}' in -${rest}`) });
    rest = "";
  }
}

function valueOf(option: Option, value: string | undefined, left: string[], shown: string): string | boolean {
  // As in kubectl, the next word is never an optional value: it can be the name of a machine.
  if (option.optional) return value ?? String(option.presetArg);
  if (!option.required) return value === undefined || isOn(option, value);
  const found = value ?? left.shift();
  if (found === undefined) throw new FlagError(`flag needs an argument: ${shown}`);
  return found;
}

/** Parses Go's words for true and false. */
function isOn({ flags }: Option, value: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw new FlagError(`invalid argument "${value}" for "${flags}" flag: it must be true or false`);
}
