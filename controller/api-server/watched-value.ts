/** A value that changes while we run. */
export interface WatchedValue<T> {
  /** The current value; `undefined` while it is unknown. It stays the same object as long as nothing in it changes. */
  current(): T | undefined;
  /** Calls a listener after each change. Returns the function that unsubscribes. */
  subscribe(listener: () => void): () => void;
}

/** A watched value that its owner sets. */
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

  /** Sets the value; does nothing when all fields are equal. */
  set(value: T | undefined): void {
    if (JSON.stringify(value) === JSON.stringify(this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  /** Resolves to the value when there is one. Throws the signal's reason. */
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
