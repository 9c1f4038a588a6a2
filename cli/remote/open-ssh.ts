import type { ChildProcess } from "node:child_process";
import { endOf } from "../child.ts";
import { Failure } from "../failure.ts";

/** Thrown when a program of OpenSSH is not there. */
export class NoOpenSsh extends Failure {}

/** Like `endOf`, for a program of OpenSSH. Throws NoOpenSsh when it could not be started. */
export async function endOfOpenSsh(program: string, child: ChildProcess, signal: AbortSignal): Promise<number | null> {
  return endOf(child, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new NoOpenSsh(`the program ${program} could not be started; it comes with OpenSSH`, { cause });
  });
}
