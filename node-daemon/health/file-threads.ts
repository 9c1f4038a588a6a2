import { stat } from "node:fs/promises";
import { sleep } from "../../api/kube/sleep.ts";

/**
 * Watches whether files can be asked for. Node has four threads for that, and each waits for as long as the storage behind a
 * file does; when all of them do, nothing of any instance is looked at any more.
 */
export class FileThreads {
  readonly #ask: () => Promise<unknown>;
  #askedAt: number | undefined;

  constructor(ask: () => Promise<unknown> = () => stat("/")) {
    this.#ask = ask;
  }

  /** Milliseconds for which a question that needs no storage has not been answered; 0 when it has. */
  get stuckFor(): number {
    return this.#askedAt === undefined ? 0 : performance.now() - this.#askedAt;
  }

  /** Asks until the signal is aborted, each `every` milliseconds. */
  async run(signal: AbortSignal, every = 10_000): Promise<void> {
    while (!signal.aborted) {
      this.#askedAt = performance.now();
      await this.#ask();
      this.#askedAt = undefined;
      await sleep(every, signal).catch(() => {});
    }
  }
}
