import { stat } from "node:fs/promises";
import { sleep } from "../../api/kube/sleep.ts";

/**
 * Detects stuck file access. Node has four threads for files, and a thread waits as long as the storage behind its file
 * does. When all four wait, the daemon cannot look at any instance.
 */
export class FileThreads {
  readonly #ask: () => Promise<unknown>;
  #askedAt: number | undefined;

  constructor(ask: () => Promise<unknown> = () => stat("/")) {
    this.#ask = ask;
  }

  /** Milliseconds that a file call that needs no storage has waited for its answer; 0 when it has been answered. */
  get stuckFor(): number {
    return this.#askedAt === undefined ? 0 : performance.now() - this.#askedAt;
  }

  /** Makes such a call every `every` milliseconds until the signal is aborted. */
  async run(signal: AbortSignal, every = 10_000): Promise<void> {
    while (!signal.aborted) {
      this.#askedAt = performance.now();
      await this.#ask();
      this.#askedAt = undefined;
      await sleep(every, signal).catch(() => {});
    }
  }
}
