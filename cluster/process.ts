import { readFile, readlink } from "node:fs/promises";
import { errorCode } from "../api/values/error-code.ts";

/** A running process, from `/proc`. */
export interface Process {
  pid: number;
  /** Path of its program, inside its own mount namespace; empty when we may not read it. */
  program: string;
  args: string[];
  /** Its PIDs, from our PID namespace to its own. */
  namespacePids: number[];
}

/** Looks up a process; `undefined` when it is gone or a zombie. */
export async function findProcess(pid: number): Promise<Process | undefined> {
  try {
    const [status, cmdline, program] = await Promise.all([
      readFile(`/proc/${pid}/status`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      readlink(`/proc/${pid}/exe`).catch((error: unknown) => {
        if (errorCode(error) === "EACCES") return "";
        throw error;
      }),
    ]);
    const nsPid = /^NSpid:\s+(.*)$/m.exec(status)?.[1] ?? String(pid);
    return { pid, program, args: cmdline.split("\0").slice(0, -1), namespacePids: nsPid.split(/\s+/).map(Number) };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

/**
 * A process's proportional set size in bytes (`/proc/PID/smaps_rollup`): its own pages, and its part of shared pages.
 * Zero for a process that is gone.
 */
export async function proportionalSetSize(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}
