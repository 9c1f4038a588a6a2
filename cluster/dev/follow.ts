import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";

/** Calls `line` with each new line of a file, until the signal is aborted. The file may not exist yet. */
export async function follow(file: string, line: (text: string) => void, signal: AbortSignal): Promise<void> {
  await (await open(file, "a")).close();
  // In its own process group, because ^C is for this program.
  const tail = spawn("tail", ["--lines=0", "--follow=name", file], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  createInterface(tail.stdout).on("line", line);
  signal.addEventListener("abort", () => tail.kill(), { once: true });
}
