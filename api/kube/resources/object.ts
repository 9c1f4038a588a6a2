/** Metadata of every object; times are RFC 3339 strings, as on the wire. */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: object[];
}

/** `metav1.OwnerReference`. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Any object of the API: plain JSON, which keeps fields that we do not know. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** A page of a list, or all of it. */
export interface List<T> {
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

/** The key of an object in stores and queues: `namespace/name`, or `name` without a namespace. */
export function keyOf({ metadata }: KubeObject): string {
  return joinKey(metadata?.name ?? "", metadata?.namespace);
}

/** The key of a name in a namespace. */
export function joinKey(name: string, namespace?: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** Name and namespace of a key. */
export function splitKey(key: string): Ref {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The name of an object of a known resource. */
export interface Ref {
  readonly name: string;
  /** Without it, the namespace of the credentials. */
  readonly namespace?: string | undefined;
}
