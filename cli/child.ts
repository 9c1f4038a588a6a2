import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/**
 * Waits for a program that a command has started, and resolves to its exit code, `null` when a signal ended it. When
 * `signal` is aborted, sends SIGTERM to the program and throws the signal's reason. Throws also when the program could
 * not be started.
 */
export async function endOf(child: ChildProcess, signal: AbortSignal): Promise<number | null> {
  const end = (): void => {
    child.kill("SIGTERM");
  };
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  try {
    const [code]: (number | null)[] = await once(child, "close");
    signal.throwIfAborted();
    return code ?? null;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
