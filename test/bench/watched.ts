import type { KubeClient } from "../../api/kube/client/client.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import { type KubeObject, keyOf } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";

/** Milliseconds after which whatever is waited for will not come. */
const patience = 120_000;

/** Objects of a kind as one watch shows them: what all clients of the API server see, and no later than they. */
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

  /** Resolves to the time at which it becomes so; call it before what brings that about. */
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

  /** Creates an object, and returns the milliseconds from then until it is seen to be as is asked for. */
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
