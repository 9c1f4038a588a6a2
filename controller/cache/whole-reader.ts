import type { KubeClient } from "../../api/kube/client/client.ts";
import type { KubeObject, ObjectMeta, Ref } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";
import { abortable } from "../../api/kube/sleep.ts";
import type { Cached } from "./slim.ts";

/** How many whole objects reconcilers have in memory at once, each several times over while it is read and written. */
export const mostAtOnce = 4;

/** In the place of a result: the object has changed since it was looked at, or is another one. */
export const changed = Symbol("changed");

/**
 * Has something done with the whole of an object that is known in slim form, which must not hold on to it. Resolves to what that
 * came to, or to `changed`: then there will be another look, as whoever watches hears of each change. `version` is the one
 * that it has to be in, where it is not that of what is known.
 */
export type WithWhole<Whole> = <R>(use: (whole: Whole) => Promise<R>, version?: string) => Promise<R | typeof changed>;

/** A resource, and what its objects are in slim form. */
export interface Shortening<Short, Whole extends KubeObject> {
  readonly resource: Resource<Whole>;
  readonly slim: (whole: Whole) => Short;
}

/** Reads objects that are too large to be held, a few at a time. */
export class WholeReader {
  readonly #client: KubeClient;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(client: KubeClient, most = mostAtOnce) {
    this.#client = client;
    this.#free = most;
  }

  /**
   * Reads an object and has something done with it, which must not hold on to it; resolves to what that came to. Throws
   * ApiError (`isNotFound`) when it is not there, what `use` throws, and the signal's reason.
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

  /** What reconcilers decide by, read where it is too large to be held. Throws what `read` does. */
  async slim<Short, Whole extends KubeObject>(
    { resource, slim }: Shortening<Short, Whole>,
    cached: Cached<unknown, Short, Whole>,
    signal?: AbortSignal,
  ): Promise<Short> {
    return cached.slim ?? this.read(resource, refOf(cached.metadata), slim, signal);
  }

  /** The whole of an object that is known in slim form by this metadata. Throws what `read` does. */
  withWhole<Whole extends KubeObject>(
    resource: Resource<Whole>,
    cached: Cached<unknown, unknown, Whole>,
    { uid, resourceVersion }: ObjectMeta,
    signal?: AbortSignal,
  ): WithWhole<Whole> {
    return async <R>(use: (whole: Whole) => Promise<R>, version = resourceVersion) => {
      if (cached.whole) return use(cached.whole);
      const useIfSame = async (whole: Whole): Promise<R | typeof changed> =>
        whole.metadata?.uid === uid && whole.metadata?.resourceVersion === version ? use(whole) : changed;
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
