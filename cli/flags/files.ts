import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Cli } from "../cli.ts";
import { withCauses } from "../error-text.ts";
import { Failure } from "../failure.ts";

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
/** The text of a file that a flag names; `-` is standard input. Throws Failure when it can't be read. */
export async function fileText(cli: Cli, file: string, flag: `--${string}`): Promise<string> {
  return (await fileBytes(cli, file, flag)).toString("utf8");
}
