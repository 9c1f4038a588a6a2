/**
 * The UIDs of placeholder pods that this controller made and has not recorded in their instances yet, by the instances'
 * keys. A restarted controller knows none of them: it deletes such a pod and makes another.
 */
export class MadePods {
  readonly #uids = new Map<string, string>();

  /** Adds the pod of an instance, instead of an earlier one. */
  add(key: string, podUid: string): void {
    this.#uids.set(key, podUid);
  }

  has(key: string, podUid: string): boolean {
    return this.#uids.get(key) === podUid;
  }

  /** Removes an instance's pod: it is recorded, or the instance is gone. */
  forget(key: string): void {
    this.#uids.delete(key);
  }
}
