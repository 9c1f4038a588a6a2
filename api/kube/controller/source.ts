import { joinKey, type KubeObject, keyOf } from "../resources/object.ts";
import { apiVersionOf, type Resource } from "../resources/resource.ts";
import type { Watching } from "./reflector.ts";

/** Tells a controller the keys of what changed. */
export interface Source {
  /** Resolves when it knows what there is. */
  readonly synced: Promise<void>;
  /** Has a listener told of keys, those of what is there already first. Returns the function that ends it. */
  subscribe(listener: (key: string) => void): () => void;
}

/** The keys of the objects that are watched. */
export function itself<T extends KubeObject>(watching: Watching<T>): Source {
  return mapped(watching, (object) => [keyOf(object)]);
}

/** The keys of the controlling owners, of a resource, of the objects that are watched. */
export function owner<T extends KubeObject>(watching: Watching<T>, resource: Resource<KubeObject>): Source {
  return mapped(watching, (object) => {
    const key = ownerKey(object, resource);
    return key === undefined ? [] : [key];
  });
}

/** What `keysOf` says of each object that changed: both as it was and as it is, so that a key that lost it hears of it. */
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

/** The key of an object's controlling owner, if that is of a resource, in whatever version. */
export function ownerKey({ metadata }: KubeObject, resource: Resource<KubeObject>): string | undefined {
  const controlling = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (controlling?.kind !== resource.kind) return undefined;
  const [group] = controlling.apiVersion.includes("/") ? controlling.apiVersion.split("/") : [""];
  if (group !== resource.group) return undefined;
  return joinKey(controlling.name, resource.namespaced ? metadata?.namespace : undefined);
}

/** The reference by which an object is controlled, and deleted with its owner. */
export function controlledBy(owning: KubeObject, resource: Resource<KubeObject>): ControllerReference {
  const { name = "", uid = "" } = owning.metadata ?? {};
  const { kind } = resource;
  return { apiVersion: apiVersionOf(resource), kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** An owner reference that says who controls. */
export interface ControllerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller: true;
  blockOwnerDeletion: true;
}
