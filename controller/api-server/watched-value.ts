/** A value that changes while we run. */
export interface WatchedValue<T> {
  /** What it is now; `undefined` as long as nobody knows. The same object as long as nothing in it changed. */
  current(): T | undefined;
  /** Has a listener called after each change. Returns the function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** A value that whoever holds it changes. */
export class Value<T> implements WatchedValue<T> {
  readonly #listeners = new Set<() => void>();
  #value: T | undefined;

  constructor(value?: T) {
    this.#value = value;
  }

  current(): T | undefined {
    return this.#value;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Nothing happens when it is equal to what it was, field by field. */
  set(value: T | undefined): void {
    if (JSON.stringify(value) === JSON.stringify(this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  /** Resolves to the value when there is one; throws the signal's reason. */
  async known(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#value !== undefined) return this.#value;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const unsubscribe = this.subscribe(() => {
      if (this.#value !== undefined) resolve(this.#value);
    });
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await promise;
    } finally {
      unsubscribe();
      signal.removeEventListener("abort", abort);
    }
  }
}
