import { evictionHook } from "../../api/contract/eviction-hook.ts";
import { type SubresourceVersion, subresourceGroup } from "../../api/sub-resources.ts";
import { badRequest } from "./refusals.ts";

/** The two resources that have sub-resources. */
export type SubjectResource = "virtualmachines" | "virtualmachineinstances";

/** The target of a path. */
export type Route =
  /** `/apis`, `/apis/GROUP`, `/apis/GROUP/VERSION`. */
  | { kind: "groups" }
  | { kind: "group" }
  | { kind: "version"; version: SubresourceVersion }
  /** The OpenAPI documents; without a version the list of v3 documents. */
  | { kind: "openapi-v2" }
  | { kind: "openapi-v3"; version?: SubresourceVersion }
  /** Paths of the server without an object: `healthz`, `readyz`, `metrics`. */
  | { kind: "server"; name: string }
  /** The webhook for evictions. */
  | { kind: "evictions" }
  /** `version`, `guestfs` and `healthz` of the group. */
  | { kind: "cluster"; version: SubresourceVersion; name: string }
  /** A resource of a namespace without an object: `expand-vm-spec`. */
  | { kind: "namespace"; version: SubresourceVersion; namespace: string; name: string }
  /** A sub-resource: its name, and the segments after it. */
  | {
      kind: "subresource";
      version: SubresourceVersion;
      namespace: string;
      resource: SubjectResource;
      name: string;
      /** All segments: `console`, `vnc/screenshot`, `portforward/22/tcp`. */
      segments: readonly [string, ...string[]];
    };

/** No name is longer. Without this limit, the kept answers about users' rights could contain a path of a megabyte. */
const longestSegment = 253;

/** The route of a path; `undefined` for an unknown one. Throws a 400 for one that is not encoded well. */
export function routeOf(path: string): Route | undefined {
  const [first, ...rest] = segmentsOf(path);
  if (first === "apis") return inGroups(rest);
  if (first === "openapi") return openApi(rest);
  return first !== undefined && rest.length === 0 ? { kind: "server", name: first } : undefined;
}

function segmentsOf(path: string): string[] {
  const segments = path.replace(/^\/|\/$/g, "").split("/");
  const long = segments.find((one) => one.length > longestSegment);
  if (long !== undefined) {
    throw badRequest(`"${long.slice(0, 20)}…" in the path has ${long.length} characters, more than ${longestSegment}`);
  }
  try {
    return segments.map(decodeURIComponent);
  } catch {
    throw badRequest(`the path ${path} is not encoded well`);
  }
}

function inGroups([group, versionName, ...rest]: readonly string[]): Route | undefined {
  if (group === undefined) return { kind: "groups" };
  if (group !== subresourceGroup.name) return undefined;
  if (versionName === undefined) return { kind: "group" };
  const version = subresourceGroup.versions.find((one) => one === versionName);
  if (version === undefined) return undefined;
  const [first, namespace, resource, name, ...segments] = rest;
  if (first === undefined) return { kind: "version", version };
  if (namespace === undefined && first === evictionHook.resource) return { kind: "evictions" };
  if (namespace === undefined) return { kind: "cluster", version, name: first };
  if (first !== "namespaces" || !namespace || !resource) return undefined;
  if (name === undefined) return { kind: "namespace", version, namespace, name: resource };
  const [subresource, ...others] = segments;
  if (!isSubject(resource) || !name || !subresource) return undefined;
  return { kind: "subresource", version, namespace, resource, name, segments: [subresource, ...others] };
}

function isSubject(resource: string): resource is SubjectResource {
  return resource === "virtualmachines" || resource === "virtualmachineinstances";
}

function openApi([format, ...rest]: readonly string[]): Route | undefined {
  if (format === "v2" && rest.length === 0) return { kind: "openapi-v2" };
  if (format !== "v3") return undefined;
  if (rest.length === 0) return { kind: "openapi-v3" };
  const version = subresourceGroup.versions.find((one) => rest.join("/") === `apis/${subresourceGroup.name}/${one}`);
  return version === undefined ? undefined : { kind: "openapi-v3", version };
}
