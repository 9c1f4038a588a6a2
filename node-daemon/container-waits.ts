import type { Pods } from "./ports.ts";

/** Which placeholders' containers are waited for; each is told once. */
export class ContainerWaits {
  readonly #pods: Pods;
  readonly #signal: AbortSignal;
  readonly #waits = new Map<string, AbortController>();

  constructor(pods: Pods, signal: AbortSignal) {
    this.#pods = pods;
    this.#signal = signal;
  }

  /** Calls back when the container of a pod has come; nothing happens when it is waited for already. */
  start(podUid: string, found: () => void): void {
    if (this.#waits.has(podUid)) return;
    const wait = new AbortController();
    this.#waits.set(podUid, wait);
    const told = (): void => {
      this.stop(podUid);
      found();
    };
    this.#pods.await(podUid, told, AbortSignal.any([wait.signal, this.#signal]));
  }

  /** Waits no longer; nothing happens when it was not waited for. */
  stop(podUid: string): void {
    this.#waits.get(podUid)?.abort();
    this.#waits.delete(podUid);
  }
}
