import { ApiError, TerminalError } from "../client/errors.ts";
import { type Log, noLog } from "../log.ts";
import { abortable } from "../sleep.ts";
import type { BackoffOptions } from "./backoff.ts";
import { WorkQueue } from "./queue.ts";
import type { Source } from "./source.ts";

/** What reconciling a key came to: nothing is left to do before its next change, or before a time in milliseconds. */
export type Outcome = "done" | { readonly after: number };

/**
 * Brings the world of a key to what is desired. It looks up what there is, and is called again after each change. What it
 * throws leads to another try after a growing delay; a TerminalError is counted and shown, and the key waits for its
 * next change.
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Outcome>;

/** How a reconcile ended; `conflict` is an error that only says that somebody else was quicker. */
export type Result = "done" | "after" | "conflict" | "error" | "terminal";

/** Counts what a controller does. */
export interface ControllerMetrics {
  /** A reconcile ended, after a time in seconds. */
  reconciled(controller: string, result: Result, seconds: number): void;
}

export interface ControllerOptions {
  /** As metrics and logs call it. */
  readonly name: string;
  readonly reconcile: Reconcile;
  /** What there is to watch; each turns changes into keys. */
  readonly sources: readonly Source[];
  /** How many keys are reconciled at once; 4 by default. */
  readonly concurrency?: number;
  readonly backoff?: BackoffOptions;
  readonly metrics?: ControllerMetrics;
  readonly log?: Log;
}

/** Calls a reconciler for the keys of what changed. */
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

  /** Has a key reconciled, as after a change; for what no source tells, such as an event of libvirt. */
  enqueue(key: string): void {
    this.#queue.add(key);
  }

  /** How many keys wait for work now, for their time, and are reconciled; for gauges. */
  get load(): { waiting: number; delayed: number; active: number } {
    const { depth, delayed, active } = this.#queue;
    return { waiting: depth, delayed, active };
  }

  /** Milliseconds for which keys have waited while none of those under way has come to an end; 0 while there is room. */
  get stuckFor(): number {
    return this.#queue.stuckFor;
  }

  /**
   * Waits until all sources know what there is, then reconciles until the signal is aborted, waits for what is under way
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
      // On the way out, failures are of our own making.
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
