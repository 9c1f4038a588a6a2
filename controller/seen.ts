import type { KubeObject } from "../api/kube/object.ts";
import { keyOf } from "../api/kube/object.ts";
import type { ReadonlyStore } from "../api/kube/store.ts";

/** Milliseconds after which a write is no longer waited for; the watch may be down, and conflicts are found anyhow. */
const patience = 2000;

/**
 * Resolves when a store shows an object as it was written, or anything newer. A reconciler that waits for what it wrote
 * does not write it twice from what it saw before.
 */
export async function seen<T extends KubeObject>(
  store: ReadonlyStore<T>,
  written: T,
  signal: AbortSignal,
): Promise<void> {
  const key = keyOf(written);
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = store.subscribe((change) => {
    // Gone is newer, too.
    if (change.key === key && (change.current === undefined || covers(change.current, written))) resolve();
  });
  const end = (): void => resolve();
  const timer = setTimeout(end, patience);
  signal.addEventListener("abort", end, { once: true });
  try {
    if (signal.aborted || covers(store.get(key), written)) return;
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
