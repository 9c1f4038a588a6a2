import type { KubeObject } from "./object.ts";

declare const objects: unique symbol;

/** A resource of the API, and the type of its objects. */
export interface Resource<T extends KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Whether the server returns only the metadata of its objects. */
  readonly metadataOnly?: true;
  /** Only in the type system: without it `Resource<Pod>` and `Resource<Node>` would be the same. */
  readonly [objects]?: T;
}

/**
 * The same resource with the metadata only: for clients that look for names, and for clients that change an object and
 * need only its new version. Requests still contain the whole object; answers are `meta.k8s.io/v1`
 * PartialObjectMetadata.
 */
export function metadataOf({ group, version, plural, kind, namespaced }: Resource<KubeObject>): Resource<KubeObject> {
  return { group, version, plural, kind, namespaced, metadataOnly: true };
}

/**
 * The Accept header for an object, or a list of objects. A server that does not support metadata alone returns the
 * whole objects.
 */
export function acceptOf({ metadataOnly }: Resource<KubeObject>, { list = false } = {}): string {
  const partial = `application/json;as=PartialObjectMetadata${list ? "List" : ""};g=meta.k8s.io;v=v1`;
  return metadataOnly ? `${partial},application/json` : "application/json";
}

/** `group/version`, or only the version in the core group. */
export function apiVersionOf({ group, version }: Resource<KubeObject>): string {
  return group ? `${group}/${version}` : version;
}

/** The parts of a path within a resource. */
export interface PathParts {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The path of a collection, an object or a sub-resource; without a namespace it covers all namespaces. */
export function pathOf(resource: Resource<KubeObject>, { namespace, name, subresource }: PathParts = {}): string {
  const segments = [resource.group ? "apis" : "api", ...apiVersionOf(resource).split("/")];
  if (resource.namespaced && namespace) segments.push("namespaces", namespace);
  segments.push(resource.plural);
  if (name !== undefined) segments.push(name);
  // A sub-resource may have several segments, such as `portforward/22`.
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
