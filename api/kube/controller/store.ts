import { type KubeObject, keyOf } from "../resources/object.ts";

/** A change of a key: `old` is missing for a new object, `current` for a deleted one. */
export interface Change<T> {
  readonly key: string;
  readonly old: T | undefined;
  readonly current: T | undefined;
}

/** Called for each change, after the store and its indexes show it. Its errors reach the code that made the change. */
export type Listener<T> = (change: Change<T>) => void;

/** A reader's view of a store: all readers share the objects, which are frozen. */
export interface ReadonlyStore<T> {
  readonly size: number;
  get(key: string): T | undefined;
  has(key: string): boolean;
  keys(): Iterable<string>;
  values(): Iterable<T>;
  /** Adds an index by the values that `valuesOf` returns for an object; it includes existing objects. */
  index(valuesOf: (object: T) => readonly string[]): Index<T>;
  /** Calls a listener for each change. Returns the function that unsubscribes. */
  subscribe(listener: Listener<T>): () => void;
}

/** Finds objects by a value. */
export interface Index<T> {
  get(value: string): T[];
}

/** A cache of objects by key, with indexes. */
export class Store<T extends KubeObject> implements ReadonlyStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Set<KeyIndex<T>>();
  readonly #listeners = new Set<Listener<T>>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  has(key: string): boolean {
    return this.#objects.has(key);
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  values(): Iterable<T> {
    return this.#objects.values();
  }

  index(valuesOf: (object: T) => readonly string[]): Index<T> {
    const index = new KeyIndex(valuesOf);
    for (const [key, object] of this.#objects) index.change(key, undefined, object);
    this.#indexes.add(index);
    return { get: (value) => index.keys(value).flatMap((key) => this.#objects.get(key) ?? []) };
  }

  subscribe(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stores an object and replaces the one with the same key. It freezes the object, since readers share it. */
  set(object: T): void {
    const key = keyOf(object);
    this.#change(key, this.#objects.get(key), deepFreeze(object));
  }

  /** Deletes a key, if it exists. `last` is the object's last state, if the caller knows a newer one. */
  delete(key: string, last?: T): void {
    const old = this.#objects.get(key);
    if (old !== undefined) this.#change(key, last ? deepFreeze(last) : old, undefined, old);
  }

  /** Replaces the whole content. An object whose version the store has already is no change. */
  replace(objects: Iterable<T>): void {
    const gone = new Set(this.#objects.keys());
    for (const object of objects) {
      const key = keyOf(object);
      gone.delete(key);
      const version = this.#objects.get(key)?.metadata?.resourceVersion;
      if (version === undefined || version !== object.metadata?.resourceVersion) this.set(object);
    }
    for (const key of gone) this.delete(key);
  }

  #change(key: string, old: T | undefined, current: T | undefined, indexed = old): void {
    if (current === undefined) this.#objects.delete(key);
    else this.#objects.set(key, current);
    for (const index of this.#indexes) index.change(key, indexed, current);
    for (const listener of this.#listeners) listener({ key, old, current });
  }
}

/** An index: the keys of each value. */
class KeyIndex<T> {
  readonly #valuesOf: (object: T) => readonly string[];
  readonly #keys = new Map<string, Set<string>>();

  constructor(valuesOf: (object: T) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  keys(value: string): string[] {
    return [...(this.#keys.get(value) ?? [])];
  }

  change(key: string, old: T | undefined, current: T | undefined): void {
    const before = old === undefined ? [] : this.#valuesOf(old);
    const after = current === undefined ? [] : this.#valuesOf(current);
    for (const value of before) {
      if (!after.includes(value)) this.#remove(value, key);
    }
    for (const value of after) {
      const keys = this.#keys.get(value);
      if (keys) keys.add(key);
      else this.#keys.set(value, new Set([key]));
    }
  }

  #remove(value: string, key: string): void {
    const keys = this.#keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(value);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
