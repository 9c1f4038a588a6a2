import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { buffer } from "node:stream/consumers";
import { errorCode } from "../../api/values/error-code.ts";
import type { Cli } from "../cli.ts";
import { withCauses } from "../error-text.ts";
import { Failure } from "../failure.ts";

/** Like `fileText`, for contents that may not be text. */
export async function fileBytes(cli: Cli, file: string, flag: `--${string}`): Promise<Buffer> {
  const { io, signal } = cli;
  if (file === "-") cli.stdinUser = flag;
  try {
    // Standard input may come late, and a non-blocking pipe refuses a synchronous read.
    return await (file === "-" ? buffer(addAbortSignal(signal, io.stdin)) : readFile(file, { signal }));
  } catch (cause) {
    const absent = errorCode(cause) === "ENOENT";
    const why = absent ? "there is no such file" : withCauses(cause);
    throw new Failure(`invalid argument "${file}" for "${flag}" flag: ${why}`, { cause });
  }
}
/** Reads the text of a file that a flag names; `-` is standard input. Throws Failure for an unreadable file. */
export async function fileText(cli: Cli, file: string, flag: `--${string}`): Promise<string> {
  return (await fileBytes(cli, file, flag)).toString("utf8");
}
