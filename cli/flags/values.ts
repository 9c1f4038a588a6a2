import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { buffer } from "node:stream/consumers";
import { InvalidArgumentError, Option } from "commander";
import { isQuantity } from "../../api/values/quantity.ts";
import type { Cli } from "../cli.ts";
import { withCauses } from "../error-text.ts";
import { Failure } from "../failure.ts";
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

/** The text of a file that a flag names; `-` is standard input. Throws Failure when it can't be read. */
export async function fileText(cli: Cli, file: string, flag: `--${string}`): Promise<string> {
  return (await fileBytes(cli, file, flag)).toString("utf8");
}

/** As `fileText`, for what need not be text. */
export async function fileBytes(cli: Cli, file: string, flag: `--${string}`): Promise<Buffer> {
  const { io, signal } = cli;
  if (file === "-") cli.stdinUser = flag;
  try {
    // Standard input may come late, and a pipe that does not block refuses to be read at once.
    return await (file === "-" ? buffer(addAbortSignal(signal, io.stdin)) : readFile(file, { signal }));
  } catch (cause) {
    const absent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const why = absent ? "there is no such file" : withCauses(cause);
    throw new Failure(`invalid argument "${file}" for "${flag}" flag: ${why}`, { cause });
  }
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
