import type { ReadonlyStore } from "../../api/kube/controller/store.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { keyOf } from "../../api/kube/resources/object.ts";

/** Milliseconds after which a write is no longer waited for; the watch may be down, and conflicts are found anyhow. */
const patience = 2000;

/**
 * Resolves when a store shows an object as it was written, or anything newer. A reconciler that waits for what it wrote
 * does not write it twice from what it saw before.
 */
export async function untilCached(
  store: ReadonlyStore<KubeObject>,
  written: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  // Gone is newer, too.
  await shows(store, keyOf(written), (shown) => shown === undefined || covers(shown, written), signal);
}

/** Resolves when a store shows no more of an object that was let go; the answer to that has no version of its own. */
export async function untilGone(
  store: ReadonlyStore<KubeObject>,
  object: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  await shows(store, keyOf(object), (shown) => shown?.metadata?.uid !== object.metadata?.uid, signal, true);
}

async function shows(
  store: ReadonlyStore<KubeObject>,
  key: string,
  isSo: (shown: KubeObject | undefined) => boolean,
  signal: AbortSignal,
  isGoneGood = false,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = store.subscribe((change) => {
    if (change.key === key && isSo(change.current)) resolve();
  });
  const end = (): void => resolve();
  const timer = setTimeout(end, patience);
  signal.addEventListener("abort", end, { once: true });
  try {
    const now = store.get(key);
    // One that is not there may be one that is yet to come.
    if (signal.aborted || (now === undefined ? isGoneGood : isSo(now))) return;
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    unsubscribe();
  }
}

/** Resource versions are numbers that grow; see "Resource version comparability" in the Kubernetes API concepts. */
function covers(shown: KubeObject | undefined, written: KubeObject): boolean {
  const [a, b] = [shown?.metadata?.resourceVersion, written.metadata?.resourceVersion];
  if (a === undefined || b === undefined) return false;
  return a === b || a.length > b.length || (a.length === b.length && a > b);
}
