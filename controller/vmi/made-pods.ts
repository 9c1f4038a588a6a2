/**
 * The UIDs of placeholder pods that this controller has made and not yet recorded in their instances, by the instances'
 * keys. A controller that is started anew knows none of them: it deletes such a pod and makes another.
 */
export class MadePods {
  readonly #uids = new Map<string, string>();

  /** Notes the pod that was made for an instance, in place of an earlier one. */
  add(key: string, podUid: string): void {
    this.#uids.set(key, podUid);
  }

  has(key: string, podUid: string): boolean {
    return this.#uids.get(key) === podUid;
  }

  /** Forgets an instance's pod: it is recorded, or the instance is gone. */
  forget(key: string): void {
    this.#uids.delete(key);
  }
}
