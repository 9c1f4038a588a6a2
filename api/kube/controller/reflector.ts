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
  /** Without it, all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Milliseconds of silence after which a watch counts as dead. */
  stall?: number;
  /** The delays after failures in a row; from 250 ms to 15 s by default. */
  backoff?: BackoffOptions;
  log?: Log;
}

export interface KeepingOptions<T, Kept> extends SelectionOptions {
  /** Returns the part of an arrived object to keep. */
  transform: (object: T) => Kept;
}

export interface ReflectorOptions<T> extends SelectionOptions {
  /** Returns the part of an object to keep; by default all but `metadata.managedFields`, often half of it. */
  transform?: (object: T) => T;
}

/** The objects known from a watch. */
export interface Watching<Kept> {
  readonly store: ReadonlyStore<Kept>;
  /** Resolves when the store holds the objects of the first list; rejects when the watching ends before that. */
  readonly synced: Promise<void>;
}

/** Milliseconds after which a watch counts as good: the next failure is then the first in a row again. */
const goodLife = 10_000;

/**
 * Keeps a store equal to the kept parts of a selection of the API's objects. It lists them once and watches from that
 * version on. When a watch ends, it resumes at the last version; when the server no longer has that version, it lists
 * again. It holds only one whole object at a time, however many there are.
 *
 * It lists in pages, then watches. A streaming list (`sendInitialEvents`) took as long and as much memory for 5,000
 * objects, and older servers refuse it.
 */
export class KeepingReflector<T extends KubeObject, Kept extends KubeObject> implements Watching<Kept> {
  readonly resource: Resource<T>;
  readonly synced: Promise<void>;
  readonly #client: KubeClient;
  readonly #options: KeepingOptions<T, Kept>;
  readonly #store = new Store<Kept>();
  readonly #synced = Promise.withResolvers<void>();
  /** The version of the store's content; `undefined` when a new list is needed. */
  #version: string | undefined;
  /** Failures in a row, including watches that ended too soon. */
  #failures = 0;
  #inTouchSince: number | undefined;
  #trouble: unknown;

  constructor(client: KubeClient, resource: Resource<T>, options: KeepingOptions<T, Kept>) {
    this.#client = client;
    this.resource = resource;
    this.#options = options;
    this.synced = this.#synced.promise;
    // `synced` may have no waiter; this prevents an unhandled rejection.
    this.synced.catch(() => {});
  }

  /** The known objects: incomplete before `synced`, and outdated while the API server is out of reach. */
  get store(): ReadonlyStore<Kept> {
    return this.#store;
  }

  /** Since when every change has arrived, by `performance.now()`; `undefined` while changes do not arrive. */
  get inTouchSince(): number | undefined {
    return this.#inTouchSince;
  }

  /** The error because of which changes do not arrive; `undefined` without one. */
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
      // Also after a normal end: a proxy may end each watch at once, and each round costs the server a request.
      if (performance.now() - started >= goodLife) this.#failures = 0;
      else this.#failures += 1;
      if (this.#failures > 0) await sleep(backoffDelay(this.#failures, backoff), signal).catch(() => {});
    }
    this.#synced.reject(signal.reason);
  }

  /** Lists if necessary, then follows one watch to its end. */
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
      // Only after the store: had the store thrown, the event would have to come again.
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

  /** No change between two watches is lost: the next begins where the last ended. */
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
    // A single cut connection is normal.
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
