import { InvalidArgumentError, Option } from "commander";
import { isQuantity } from "../../api/values/quantity.ts";
import { parseDuration } from "./duration.ts";

/** Parsers of flag values. The program shows their errors with the flag's name and the value. */

/** Parses a whole number of at least `min`. */
export function wholeNumber(min = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
      throw new InvalidArgumentError(`it must be a whole number of at least ${min}`);
    }
    return value;
  };
}

/** Parses a port to listen on; 0 means any free port. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError("it must be a port, 0 to 65535");
  return value;
}

/** Checks an amount such as `512Mi`, and returns the text unchanged. */
export function quantity(text: string): string {
  if (!isQuantity(text)) throw new InvalidArgumentError("it must be a quantity such as 512Mi, 1G or 1.5Gi");
  return text;
}

/** Parses a duration to milliseconds. */
export function duration(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new InvalidArgumentError("it must be a duration such as 30s, 5m or 1m30s");
  return value;
}

/** Returns a selector of labels or fields. Like kubectl, it treats a blank one (from an unset variable) as none. */
export function selectorOf(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}

/** Collects a flag that may appear several times, or with several values between commas, such as `--filename`. */
export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").filter(Boolean)];
}

/** Collects a flag that may appear several times. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** `--timeout` of a command that waits. */
export function timeoutOption(what: string, fallback: string): Option {
  return new Option("--timeout <duration>", `${what}; 0 is for ever`)
    .argParser(duration)
    .default(parseDuration(fallback), fallback);
}

/** `--dry-run`, with kubectl's meanings. */
export function dryRunOption(): Option {
  return new Option("--dry-run [how]", '"client" sends nothing, "server" stores nothing')
    .choices(["none", "client", "server"])
    .preset("client")
    .default("none");
}
export type DryRun = "none" | "client" | "server";

/** `-o`, with the formats of a command. */
export function outputOption(...formats: readonly string[]): Option {
  return new Option("-o, --output <format>", "output format").choices(formats).argParser((text) => {
    if (!formats.includes(text)) {
      throw new InvalidArgumentError(
        `unable to match a printer suitable for the output format "${text}", allowed formats are: ${formats.join(",")}`,
      );
    }
    return text;
  });
}

/** Makes a flag that switches something off. */
export function offOption(flag: `--no-${string}`, description: string): Option {
  // Commands get their flags when they run. Without this default, such a command would start with it switched off.
  return new Option(flag, description).default(true);
}
