import { ApiError, TerminalError } from "../client/errors.ts";
import { type Log, noLog } from "../log.ts";
import { abortable } from "../sleep.ts";
import type { BackoffOptions } from "./backoff.ts";
import { WorkQueue } from "./queue.ts";
import type { Source } from "./source.ts";

/** The result of a reconcile: nothing to do before the next change, or before a time in milliseconds has passed. */
export type Outcome = "done" | { readonly after: number };

/**
 * Brings the state of a key's object to the desired state. It looks up the current state, and the controller calls it
 * again after each change. If it throws, the controller retries after a growing delay. A TerminalError is only counted
 * and logged, and the key waits for its next change.
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Outcome>;

/** How a reconcile ended; `conflict` is the error that another client was quicker. */
export type Result = "done" | "after" | "conflict" | "error" | "terminal";

/** Metrics of a controller's work. */
export interface ControllerMetrics {
  /** Called when a reconcile has ended, with its time in seconds. */
  reconciled(controller: string, result: Result, seconds: number): void;
}

export interface ControllerOptions {
  /** The name in metrics and logs. */
  readonly name: string;
  readonly reconcile: Reconcile;
  /** The watched sources; each turns changes into keys. */
  readonly sources: readonly Source[];
  /** Most keys that are reconciled at once; 4 by default. */
  readonly concurrency?: number;
  readonly backoff?: BackoffOptions;
  readonly metrics?: ControllerMetrics;
  readonly log?: Log;
}

/** Calls a reconciler for the keys of changed objects. */
export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #queue: WorkQueue;

  constructor(options: ControllerOptions) {
    const { name, concurrency = 4, backoff } = options;
    this.name = name;
    this.#options = options;
    this.#queue = new WorkQueue({ concurrency, ...(backoff ? { backoff } : {}) });
  }

  /** Adds a key, as after a change. It is for changes that no source reports, such as an event of libvirt. */
  enqueue(key: string): void {
    this.#queue.add(key);
  }

  /** The numbers of keys that wait now, that wait for their time, and that are being reconciled; for gauges. */
  get load(): { waiting: number; delayed: number; active: number } {
    const { depth, delayed, active } = this.#queue;
    return { waiting: depth, delayed, active };
  }

  /** Milliseconds for which keys wait while no reconcile begins or ends; 0 while there is a free place. */
  get stuckFor(): number {
    return this.#queue.stuckFor;
  }

  /**
   * Waits until all sources are synced, then reconciles until the signal is aborted. It waits for running reconciles
   * and resolves. A controller runs once.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { sources, log = noLog } = this.#options;
    const unsubscribes = sources.map((source) => source.subscribe((key) => this.enqueue(key)));
    try {
      await abortable(Promise.all(sources.map(({ synced }) => synced)), signal);
      log("debug", "reconciling", { controller: this.name });
      await this.#queue.run((key) => this.#reconcile(key, signal), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      for (const unsubscribe of unsubscribes) unsubscribe();
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    let result: Result;
    try {
      const outcome = await this.#options.reconcile(key, signal);
      this.#queue.forget(key);
      if (outcome !== "done") this.#queue.addAfter(key, outcome.after);
      result = outcome === "done" ? "done" : "after";
    } catch (error) {
      // During shutdown, the abort itself causes failures.
      if (signal.aborted) return;
      result = this.#failed(key, error);
    }
    this.#options.metrics?.reconciled(this.name, result, (performance.now() - started) / 1000);
  }

  #failed(key: string, error: unknown): Result {
    const { log = noLog } = this.#options;
    const fields = { controller: this.name, key, error };
    if (error instanceof TerminalError) {
      this.#queue.forget(key);
      log("error", "reconciling is of no use before the object changes", fields);
      return "terminal";
    }
    const retryIn = this.#queue.retry(key);
    if (error instanceof ApiError && error.isConflict) {
      log("debug", "reconciling again, the object has changed", { ...fields, retryIn });
      return "conflict";
    }
    log("error", "reconciling failed", { ...fields, retryIn, failures: this.#queue.failures(key) });
    return "error";
  }
}
