import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";

/** Calls `line` with each line that is written to a file from now on, until the signal is aborted. The file may not be there yet. */
export async function follow(file: string, line: (text: string) => void, signal: AbortSignal): Promise<void> {
  await (await open(file, "a")).close();
  // In a group of its own: ^C is for us.
  const tail = spawn("tail", ["--lines=0", "--follow=name", file], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  createInterface(tail.stdout).on("line", line);
  signal.addEventListener("abort", () => tail.kill(), { once: true });
}
