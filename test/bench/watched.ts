import type { KubeClient } from "../../api/kube/client/client.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import { type KubeObject, keyOf } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";

/** The longest wait, in milliseconds. */
const patience = 120_000;

/** Objects of a kind from one watch: the state that all clients of the API server see, at the same time. */
export class Watched<T extends KubeObject> {
  readonly #client: KubeClient;
  readonly #reflector: Reflector<T>;
  readonly #end = new AbortController();
  readonly #run: Promise<void>;

  constructor(client: KubeClient, resource: Resource<T>) {
    this.#client = client;
    this.#reflector = new Reflector(client, resource, { namespace: "default" });
    this.#run = this.#reflector.run(this.#end.signal);
  }

  /** Resolves to the time when the condition becomes true. Call it before the action. */
  async until(key: string, is: (object: T | undefined) => boolean): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const unsubscribe = this.#reflector.store.subscribe((change) => {
      if (change.key === key && is(change.current)) resolve(performance.now());
    });
    const timer = setTimeout(() => {
      reject(new Error(`${this.#reflector.resource.kind} ${key} is not as wanted after ${patience / 1000} s`));
    }, patience);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }

  /** Creates an object, and returns the milliseconds until the watch shows the wanted state. */
  async create(object: T, is: (object: T) => boolean): Promise<number> {
    await this.#reflector.synced;
    const since = performance.now();
    const there = this.until(keyOf(object), (now) => now !== undefined && is(now));
    await this.#client.create(this.#reflector.resource, object);
    return (await there) - since;
  }

  /** Deletes objects and waits until they are gone. */
  async delete(...objects: readonly T[]): Promise<void> {
    await Promise.all(
      objects.map(async (object) => {
        const gone = this.until(keyOf(object), (now) => now === undefined);
        const { name = "", namespace } = object.metadata ?? {};
        await this.#client.delete(this.#reflector.resource, namespace === undefined ? { name } : { name, namespace });
        await gone;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#run;
  }
}
