import type { Pods } from "../drivers/pods.ts";

/** The waits for placeholders' containers, by the key of the waiter. Each wait calls back once. */
export class ContainerWaits {
  readonly #pods: Pods;
  readonly #signal: AbortSignal;
  readonly #waits = new Map<string, Map<string, AbortController>>();

  constructor(pods: Pods, signal: AbortSignal) {
    this.#pods = pods;
    this.#signal = signal;
  }

  /**
   * Replaces the waits of one waiter: waits for the containers of these pods and of no others. Calls back when one has
   * come. A wait that is already running continues.
   */
  set(by: string, podUids: readonly string[], found: () => void): void {
    const waits = this.#waits.get(by) ?? new Map<string, AbortController>();
    for (const podUid of waits.keys()) if (!podUids.includes(podUid)) this.#stop(by, podUid);
    for (const podUid of podUids) {
      if (waits.has(podUid)) continue;
      const wait = new AbortController();
      this.#waits.set(by, waits.set(podUid, wait));
      const told = (): void => {
        this.#stop(by, podUid);
        found();
      };
      this.#pods.await(podUid, told, AbortSignal.any([wait.signal, this.#signal]));
    }
  }

  #stop(by: string, podUid: string): void {
    const waits = this.#waits.get(by);
    waits?.get(podUid)?.abort();
    waits?.delete(podUid);
    if (waits?.size === 0) this.#waits.delete(by);
  }
}
