import type { InstanceIdentity } from "../instance/identity.ts";

/**
 * The instances that may have left something on this node, by `namespace/name`. This is a cache: checks of the node
 * fill it, and an instance leaves it when nothing of the instance is left.
 */
export class KnownInstances {
  readonly #byKey = new Map<string, Map<string, InstanceIdentity>>();
  #later: ReadonlyMap<string, Error> = new Map();

  add(identity: InstanceIdentity): void {
    const key = keyOfIdentity(identity);
    const known = this.#byKey.get(key) ?? new Map<string, InstanceIdentity>();
    known.set(identity.uid, identity);
    this.#byKey.set(key, known);
  }

  remove(identity: InstanceIdentity): void {
    const key = keyOfIdentity(identity);
    const known = this.#byKey.get(key);
    known?.delete(identity.uid);
    if (known?.size === 0) this.#byKey.delete(key);
  }

  /** Sets the instances to leave alone, by uid: a later release has made their folders, as each error says. */
  leaveAlone(later: ReadonlyMap<string, Error>): void {
    this.#later = later;
  }

  /** Why the daemon leaves one of a name's instances alone; undefined if it does not. */
  laterOf(key: string): Error | undefined {
    return this.of(key).flatMap(({ uid }) => this.#later.get(uid) ?? [])[0];
  }

  has(uid: string): boolean {
    return this.#byKey.values().some((known) => known.has(uid));
  }

  /** The instances of a name; more than one while a new instance waits for the end of an old one. */
  of(key: string): InstanceIdentity[] {
    return [...(this.#byKey.get(key)?.values() ?? [])];
  }

  keys(): string[] {
    return [...this.#byKey.keys()];
  }
}

/** The key of an instance in queues and stores. */
export function keyOfIdentity({ namespace, name }: Pick<InstanceIdentity, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}
