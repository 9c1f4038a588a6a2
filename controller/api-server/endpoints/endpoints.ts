import { StatusError } from "../../../api/serving/status-error.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Route, SubjectResource } from "../route.ts";
import { instanceEndpoints } from "./instance.ts";
import { machineEndpoints } from "./machine.ts";
import { refusing, unsupported } from "./unsupported.ts";

/** All endpoints, by resource and sub-resource. */
export const endpoints: Readonly<Record<SubjectResource, Readonly<Record<string, Endpoint>>>> = {
  virtualmachines: machineEndpoints,
  virtualmachineinstances: instanceEndpoints,
};

/** An endpoint, the name of its sub-resource in RBAC, and the path segments that follow. */
export interface Found {
  readonly endpoint: Endpoint;
  readonly subresource: string;
  readonly rest: readonly string[];
}

/** Finds a route's endpoint; a longer name wins. Sub-resources that KubeVirt alone has are refused. Throws a 404. */
export function endpointOf({ resource, segments }: Route & { kind: "subresource" }): Found {
  const known = endpoints[resource];
  for (const length of [2, 1]) {
    const subresource = segments.slice(0, length).join("/");
    const rest = segments.slice(length);
    const endpoint = segments.length < length || !Object.hasOwn(known, subresource) ? undefined : known[subresource];
    const { min, max } = endpoint?.rest ?? { min: 0, max: 0 };
    if (endpoint && rest.length >= min && rest.length <= max) return { endpoint, subresource, rest };
    if (endpoint && rest.length < min) throw new StatusError(404, `${resource}/${subresource}: the port is missing`);
  }
  for (const [name, method] of Object.entries(unsupported[resource])) {
    if (name === segments.join("/")) return { endpoint: refusing(resource, name, method), subresource: name, rest: [] };
  }
  throw new StatusError(404, `${resource}/${segments.join("/")}: there is no such sub-resource`);
}
