import type { Option } from "commander";

/** A mistake in how flags are written. */
export class FlagError extends Error {
  override readonly name = "FlagError";
}

/** A flag as it was given. */
export interface GivenFlag {
  readonly option: Option;
  /** Its value, or whether a switch is on. */
  readonly value: string | boolean;
}

/** What a command line holds. */
export interface Parsed {
  readonly flags: GivenFlag[];
  readonly args: string[];
  /** Flags that nobody knows, as they were written. */
  readonly unknown: string[];
}

/**
 * Reads a command line as kubectl's parser does (pflag): `--name=value`, `--name value`, `-nvalue`, `-n=value`, `-n value`,
 * switches in one word (`-Aw`) and with a value (`--wait=false`, `-w=0`), `_` for `-` in names, and `--`, after which nothing is
 * a flag. Throws FlagError, in its words.
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

/** Whether a flag takes the word after it for its value, if it has none in its own. */
export function takesNext({ required }: Option): boolean {
  return required;
}

/** The option that a word of two dashes names. */
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
  if (option.optional) {
    // kubectl never takes the next word here. One that is no name but a value is meant as such.
    const isNext = value === undefined && option.argChoices?.includes(left[0] ?? "") === true;
    return value ?? (isNext ? left.shift() : undefined) ?? String(option.presetArg);
  }
  if (!option.required) return value === undefined || isOn(option, value);
  const found = value ?? left.shift();
  if (found === undefined) throw new FlagError(`flag needs an argument: ${shown}`);
  return found;
}

/** Go's words for true and false. */
function isOn({ flags }: Option, value: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw new FlagError(`invalid argument "${value}" for "${flags}" flag: it must be true or false`);
}
