import type { Reflector } from "../../api/kube/controller/reflector.ts";
import type { Source } from "../../api/kube/controller/source.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";

/** Whether a node exists and its kubelet has reported lately. */
export function isNodeReady(node: Node | undefined): boolean {
  return node?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
}

/** A source of the keys from `keysOn` for each node that became ready or not ready, appeared or disappeared. */
export function nodeReadiness(reflector: Reflector<Node>, keysOn: (node: string) => readonly string[]): Source {
  const { store, synced } = reflector;
  return {
    synced,
    subscribe(listener) {
      return store.subscribe(({ key, old, current }) => {
        if (isNodeReady(old) === isNodeReady(current) && (old === undefined) === (current === undefined)) return;
        for (const instance of keysOn(key)) listener(instance);
      });
    },
  };
}
