import type { KubeObject } from "./object.ts";

declare const objects: unique symbol;

/** Names a resource of the API, and the type of its objects. */
export interface Resource<T extends KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Whether of its objects the metadata alone is told, and changed objects are answered with. */
  readonly metadataOnly?: true;
  /** Only in the type system: without it `Resource<Pod>` and `Resource<Node>` would be the same. */
  readonly [objects]?: T;
}

/**
 * The same resource as objects without their content: for who looks for names, and for who changes an object and needs no
 * more of it than its new version. What is written is the object as ever, what is answered `meta.k8s.io/v1`
 * PartialObjectMetadata.
 */
export function metadataOf({ group, version, plural, kind, namespaced }: Resource<KubeObject>): Resource<KubeObject> {
  return { group, version, plural, kind, namespaced, metadataOnly: true };
}

/**
 * What an answer about an object, or a list of objects, should be. A server that knows nothing of metadata alone answers
 * with the whole.
 */
export function acceptOf({ metadataOnly }: Resource<KubeObject>, { list = false } = {}): string {
  const partial = `application/json;as=PartialObjectMetadata${list ? "List" : ""};g=meta.k8s.io;v=v1`;
  return metadataOnly ? `${partial},application/json` : "application/json";
}

/** `group/version`, or only the version in the core group. */
export function apiVersionOf({ group, version }: Resource<KubeObject>): string {
  return group ? `${group}/${version}` : version;
}

/** What of a resource a path leads to. */
export interface PathParts {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The path of a collection, an object or a sub-resource; without a namespace that of all namespaces. */
export function pathOf(resource: Resource<KubeObject>, { namespace, name, subresource }: PathParts = {}): string {
  const segments = [resource.group ? "apis" : "api", ...apiVersionOf(resource).split("/")];
  if (resource.namespaced && namespace) segments.push("namespaces", namespace);
  segments.push(resource.plural);
  if (name !== undefined) segments.push(name);
  // A sub-resource may go on in segments of its own, as in `portforward/22`.
  if (subresource !== undefined) segments.push(...subresource.split("/"));
  return `/${segments.map(encodeURIComponent).join("/")}`;
}

/** A query string with its question mark; parameters that are `undefined` or `false` are left out. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== false && value !== "") query.set(name, String(value));
  }
  return query.size === 0 ? "" : `?${query.toString()}`;
}
