import { InvalidArgumentError, Option } from "commander";
import { isQuantity } from "../../api/values/quantity.ts";
import { parseDuration } from "./duration.ts";

/** Parsers of flag values. What they throw is shown with the flag's name and the value. */

/** A whole number of at least `min`. */
export function wholeNumber(min = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
      throw new InvalidArgumentError(`it must be a whole number of at least ${min}`);
    }
    return value;
  };
}

/** A port to listen on; 0 is any that is free. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError("it must be a port, 0 to 65535");
  return value;
}

/** An amount such as `512Mi`, which is kept as it is written. */
export function quantity(text: string): string {
  if (!isQuantity(text)) throw new InvalidArgumentError("it must be a quantity such as 512Mi, 1G or 1.5Gi");
  return text;
}

/** Milliseconds. */
export function duration(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new InvalidArgumentError("it must be a duration such as 30s, 5m or 1m30s");
  return value;
}

/** A selector of labels or fields; kubectl takes a blank one, as of a variable that is not set, for none. */
export function selectorOf(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}

/** A flag that may be given several times, or with several values separated by commas, as `--filename`. */
export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").filter(Boolean)];
}

/** A flag that may be given several times. */
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
  return new Option("--dry-run [how]", 'with "client" nothing is sent, with "server" nothing is stored')
    .choices(["none", "client", "server"])
    .preset("client")
    .default("none");
}
export type DryRun = "none" | "client" | "server";

/** `-o`, with the formats that a command has. */
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

/** A flag that switches something off. */
export function offOption(flag: `--no-${string}`, description: string): Option {
  // Without this, a command that gets its flags when it is run would have it switched off from the start.
  return new Option(flag, description).default(true);
}
