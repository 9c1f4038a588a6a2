import type { ReadonlyStore } from "../../api/kube/controller/store.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { keyOf } from "../../api/kube/resources/object.ts";

/** Milliseconds after which the wait ends: the watch may be down, and conflicts show up anyhow. */
const patience = 2000;

/**
 * Waits until the cache shows a written object, or a newer version of it. A reconciler that waits for its own write
 * does not write again from an outdated state.
 */
export async function untilCached(
  store: ReadonlyStore<KubeObject>,
  written: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  // Deletion counts as newer, too.
  await shows(store, keyOf(written), (shown) => shown === undefined || covers(shown, written), signal);
}

/** Waits until the cache no longer shows an object without finalizers; the answer to that write has no new version. */
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
    // A missing object may be one that has not arrived yet.
    if (signal.aborted || (now === undefined ? isGoneGood : isSo(now))) return;
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    unsubscribe();
  }
}

/** Resource versions are growing numbers; see "Resource version comparability" in the Kubernetes API concepts. */
function covers(shown: KubeObject | undefined, written: KubeObject): boolean {
  const [a, b] = [shown?.metadata?.resourceVersion, written.metadata?.resourceVersion];
  if (a === undefined || b === undefined) return false;
  return a === b || a.length > b.length || (a.length === b.length && a > b);
}
