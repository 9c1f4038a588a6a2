import type { KubeClient } from "../../api/kube/client/client.ts";
import type { KubeObject, ObjectMeta, Ref } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";
import { abortable } from "../../api/kube/sleep.ts";
import type { Cached } from "./slim.ts";

/** The most whole objects that reconcilers hold at once; each is in memory several times while read and written. */
export const mostAtOnce = 4;

/** The result if the object has changed since it was cached, or is another object of the same name. */
export const objectChanged = Symbol("changed");

/**
 * Calls `use` with the whole of an object that is known in slim form; `use` must not keep it. Resolves to the result of
 * `use`, or to `changed`. After `changed` another reconcile follows, since the watch reports each change. `version` is
 * the version that the object must have, by default the known one.
 */
export type WithWhole<Whole> = <R>(
  use: (whole: Whole) => Promise<R>,
  version?: string,
) => Promise<R | typeof objectChanged>;

/** A resource, and the function that gives the slim form of its objects. */
export interface SlimConverter<Short, Whole extends KubeObject> {
  readonly resource: Resource<Whole>;
  readonly slim: (whole: Whole) => Short;
}

/** Reads objects that are too large for the cache, a few at a time. */
export class WholeReader {
  readonly #client: KubeClient;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(client: KubeClient, most = mostAtOnce) {
    this.#client = client;
    this.#free = most;
  }

  /**
   * Reads an object and calls `use` with it; `use` must not keep it. Resolves to the result of `use`. Throws ApiError
   * (`isNotFound`) when the object does not exist, errors of `use`, and the signal's reason.
   */
  async read<Whole extends KubeObject, R>(
    resource: Resource<Whole>,
    ref: Ref,
    use: (whole: Whole) => R | Promise<R>,
    signal?: AbortSignal,
  ): Promise<R> {
    await this.#enter(signal);
    try {
      return await use(await this.#client.get(resource, ref, { signal }));
    } finally {
      this.#leave();
    }
  }

  /** The slim form of an object, read from the API server if it is too large for the cache. Throws like `read`. */
  async slim<Short, Whole extends KubeObject>(
    { resource, slim }: SlimConverter<Short, Whole>,
    cached: Cached<unknown, Short, Whole>,
    signal?: AbortSignal,
  ): Promise<Short> {
    return cached.slim ?? this.read(resource, refOf(cached.metadata), slim, signal);
  }

  /** Gives access to the whole of an object whose slim form has this metadata. Throws like `read`. */
  withWhole<Whole extends KubeObject>(
    resource: Resource<Whole>,
    cached: Cached<unknown, unknown, Whole>,
    { uid, resourceVersion }: ObjectMeta,
    signal?: AbortSignal,
  ): WithWhole<Whole> {
    return async <R>(use: (whole: Whole) => Promise<R>, version = resourceVersion) => {
      if (cached.whole) return use(cached.whole);
      const useIfSame = async (whole: Whole): Promise<R | typeof objectChanged> =>
        whole.metadata?.uid === uid && whole.metadata?.resourceVersion === version ? use(whole) : objectChanged;
      return this.read(resource, refOf(cached.metadata), useIfSame, signal);
    };
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await abortable(promise, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(resolve);
      if (place >= 0) this.#waiting.splice(place, 1);
      else this.#leave();
      throw error;
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

function refOf({ name = "", namespace }: ObjectMeta): Ref {
  return namespace === undefined ? { name } : { name, namespace };
}
