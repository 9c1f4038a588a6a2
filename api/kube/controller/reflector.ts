import type { KubeClient } from "../client/client.ts";
import { ApiError } from "../client/errors.ts";
import { keepAll } from "../client/list-all.ts";
import { watch } from "../client/watch.ts";
import { type Log, noLog } from "../log.ts";
import { type KubeObject, keyOf } from "../resources/object.ts";
import type { Resource } from "../resources/resource.ts";
import { sleep } from "../sleep.ts";
import { type BackoffOptions, backoffDelay } from "./backoff.ts";
import { type ReadonlyStore, Store } from "./store.ts";

export interface SelectionOptions {
  /** All namespaces when it is missing. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Milliseconds of silence after which a watch counts as dead. */
  stall?: number;
  /** How long it waits after failures in a row; 250 ms to 15 s by default. */
  backoff?: BackoffOptions;
  log?: Log;
}

export interface KeepingOptions<T, Kept> extends SelectionOptions {
  /** What is kept of an object that came. */
  transform: (object: T) => Kept;
}

export interface ReflectorOptions<T> extends SelectionOptions {
  /** What is kept of an object that came; by default all but `metadata.managedFields`, often half of it. */
  transform?: (object: T) => T;
}

/** What is known by watching. */
export interface Watching<Kept> {
  readonly store: ReadonlyStore<Kept>;
  /** Resolves when the store holds what the first list had; rejects when the watching ends before that. */
  readonly synced: Promise<void>;
}

/** A watch that lived this long, in milliseconds, was a good one: the next failure is the first in a row again. */
const goodLife = 10_000;

/**
 * Keeps a store equal to what is kept of a selection of the API's objects: it lists them once and watches from that version
 * on, resumes where it was when a watch ends, and lists again when the server no longer knows that version. Of the objects
 * themselves it has one at a time, however many there are.
 *
 * It lists in pages, then watches. A streaming list (`sendInitialEvents`) took as long and as much memory for 5,000
 * objects, and is refused by older servers.
 */
export class KeepingReflector<T extends KubeObject, Kept extends KubeObject> implements Watching<Kept> {
  readonly resource: Resource<T>;
  readonly synced: Promise<void>;
  readonly #client: KubeClient;
  readonly #options: KeepingOptions<T, Kept>;
  readonly #store = new Store<Kept>();
  readonly #synced = Promise.withResolvers<void>();
  /** The version that the store shows; `undefined` when it has to be listed. */
  #version: string | undefined;
  /** Failures in a row, watches that ended too soon among them. */
  #failures = 0;
  #inTouchSince: number | undefined;
  #trouble: unknown;

  constructor(client: KubeClient, resource: Resource<T>, options: KeepingOptions<T, Kept>) {
    this.#client = client;
    this.resource = resource;
    this.#options = options;
    this.synced = this.#synced.promise;
    // Whoever waits for it hears of it; nobody has to.
    this.synced.catch(() => {});
  }

  /** What it knows. Not complete before `synced`; later as old as the watch, while the API server is out of reach. */
  get store(): ReadonlyStore<Kept> {
    return this.#store;
  }

  /** Since when it has been told of every change, by `performance.now()`; `undefined` while it is not told. */
  get inTouchSince(): number | undefined {
    return this.#inTouchSince;
  }

  /** What keeps it from hearing of changes; `undefined` as long as nothing does. */
  get trouble(): unknown {
    return this.#trouble;
  }

  /** Runs until the signal is aborted, then resolves. */
  async run(signal: AbortSignal): Promise<void> {
    const { backoff = { base: 250, max: 15_000 } } = this.#options;
    while (!signal.aborted) {
      const started = performance.now();
      await this.#round(signal).catch((error: unknown) => this.#failed(error, signal));
      if (signal.aborted) break;
      // Also after a good end: a proxy may end each watch at once, and each round costs the server a request.
      if (performance.now() - started >= goodLife) this.#failures = 0;
      else this.#failures += 1;
      if (this.#failures > 0) await sleep(backoffDelay(this.#failures, backoff), signal).catch(() => {});
    }
    this.#synced.reject(signal.reason);
  }

  /** Lists if that is needed, then follows one watch to its end. */
  async #round(signal: AbortSignal): Promise<void> {
    const version = this.#version ?? (await this.#list(signal));
    const { namespace, labelSelector, fieldSelector, stall } = this.#options;
    const events = watch(this.#client, this.resource, {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion: version,
      signal,
      onOpen: () => this.#opened(),
      ...(stall === undefined ? {} : { stall }),
    });
    for await (const { type, object } of events) {
      if (type === "DELETED") this.#store.delete(keyOf(object), this.#options.transform(object));
      else if (type !== "BOOKMARK") this.#store.set(this.#options.transform(object));
      // Only now is it seen: had the store thrown, the event would come again.
      this.#version = object.metadata?.resourceVersion ?? this.#version;
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { namespace, labelSelector, fieldSelector, transform: keep } = this.#options;
    const selection = { namespace, labelSelector, fieldSelector, signal, keep };
    const { items, metadata } = await keepAll(this.#client, this.resource, selection);
    this.#store.replace(items);
    this.#version = metadata.resourceVersion;
    this.#synced.resolve();
    this.#log("debug", "listed", { objects: items.length, resourceVersion: metadata.resourceVersion });
    return metadata.resourceVersion ?? "";
  }

  /** Changes between two watches are not missed: the next begins where the last has ended. */
  #opened(): void {
    this.#inTouchSince ??= performance.now();
    this.#trouble = undefined;
  }

  #failed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (error instanceof ApiError && (error.isExpired || error.isAhead)) {
      this.#version = undefined;
      this.#log("info", "listing again, the version is not known any more");
      return;
    }
    this.#inTouchSince = undefined;
    this.#trouble = error;
    // One cut connection is nothing to worry about.
    this.#log(this.#failures === 0 ? "debug" : "warn", "watch failed", { error, failures: this.#failures + 1 });
  }

  #log(level: Parameters<Log>[0], message: string, fields: Record<string, unknown> = {}): void {
    (this.#options.log ?? noLog)(level, message, { resource: this.resource.plural, ...fields });
  }
}

/** Keeps a store equal to a selection of the API's objects. */
export class Reflector<T extends KubeObject> extends KeepingReflector<T, T> {
  constructor(client: KubeClient, resource: Resource<T>, options: ReflectorOptions<T> = {}) {
    super(client, resource, { transform: withoutManagedFields, ...options });
  }
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  delete object.metadata?.managedFields;
  return object;
}
