import type { Pods } from "../drivers/pods.ts";

/** Which placeholders' containers are waited for, and on whose behalf; each is told once. */
export class ContainerWaits {
  readonly #pods: Pods;
  readonly #signal: AbortSignal;
  readonly #waits = new Map<string, Map<string, AbortController>>();

  constructor(pods: Pods, signal: AbortSignal) {
    this.#pods = pods;
    this.#signal = signal;
  }

  /**
   * Has the containers of these pods waited for on behalf of somebody, and of no others any more; calls back when one has
   * come. Nothing happens to a wait that goes on.
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
