import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Takes an exclusive lock on a file. Holds it until the returned object is disposed of, or this process ends in any
 * way: the kernel releases a flock with its last holder, so no lock can go stale.
 *
 * Node has no flock, so `flock(1)` holds it: its child ends when our end of the pipe closes.
 */
export async function lock(file: string, onWait?: () => void): Promise<AsyncDisposable> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    // A Ctrl-C in the terminal goes to the whole foreground group, but the lock must outlast our own clean-up.
    detached: true,
  });
  const waiting = onWait && setTimeout(onWait, 500);
  try {
    await Promise.race([
      once(holder.stdout, "data"),
      once(holder, "exit").then(([code]) => {
        throw new Error(`locking ${file}: flock ended with ${code}`);
      }),
    ]);
  } finally {
    clearTimeout(waiting);
  }
  return {
    async [Symbol.asyncDispose]() {
      const exited = once(holder, "exit");
      holder.stdin.end();
      await exited;
    },
  };
}
