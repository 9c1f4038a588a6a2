import { joinKey, type KubeObject, keyOf } from "../resources/object.ts";
import { apiVersionOf, type Resource } from "../resources/resource.ts";
import type { Watching } from "./reflector.ts";

/** Passes the keys of changes to a controller. */
export interface Source {
  /** Resolves when the source knows all existing objects. */
  readonly synced: Promise<void>;
  /** Calls a listener with keys, first with those of existing objects. Returns the function that unsubscribes. */
  subscribe(listener: (key: string) => void): () => void;
}

/** A source of the keys of the watched objects. */
export function itself<T extends KubeObject>(watching: Watching<T>): Source {
  return mapped(watching, (object) => [keyOf(object)]);
}

/** A source of the keys of the watched objects' controlling owners of a resource. */
export function owner<T extends KubeObject>(watching: Watching<T>, resource: Resource<KubeObject>): Source {
  return mapped(watching, (object) => {
    const key = ownerKey(object, resource);
    return key === undefined ? [] : [key];
  });
}

/** The keys that `keysOf` gives for each changed object, both old and new: a key that lost the object counts too. */
export function mapped<T extends KubeObject>(watching: Watching<T>, keysOf: (object: T) => readonly string[]): Source {
  const { store, synced } = watching;
  return {
    synced,
    subscribe(listener) {
      const unsubscribe = store.subscribe(({ old, current }) => {
        const keys = new Set([...(old ? keysOf(old) : []), ...(current ? keysOf(current) : [])]);
        for (const key of keys) listener(key);
      });
      for (const object of store.values()) for (const key of keysOf(object)) listener(key);
      return unsubscribe;
    },
  };
}

/** The key of an object's controlling owner if the owner is of a resource, in any version of its API. */
export function ownerKey({ metadata }: KubeObject, resource: Resource<KubeObject>): string | undefined {
  const controlling = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (controlling?.kind !== resource.kind) return undefined;
  const [group] = controlling.apiVersion.includes("/") ? controlling.apiVersion.split("/") : [""];
  if (group !== resource.group) return undefined;
  return joinKey(controlling.name, resource.namespaced ? metadata?.namespace : undefined);
}

/** The owner reference of a controlled object; the object is deleted with its owner. */
export function controlledBy(owning: KubeObject, resource: Resource<KubeObject>): ControllerReference {
  const { name = "", uid = "" } = owning.metadata ?? {};
  const { kind } = resource;
  return { apiVersion: apiVersionOf(resource), kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** An owner reference that marks the controller. */
export interface ControllerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller: true;
  blockOwnerDeletion: true;
}
