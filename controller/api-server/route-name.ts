import { endpointOf } from "./endpoints/endpoints.ts";
import type { Route } from "./route.ts";

/** What is served besides sub-resources. */
const names: Readonly<Record<"server" | "cluster" | "namespace", readonly string[]>> = {
  server: ["healthz", "livez", "readyz", "metrics"],
  cluster: ["version", "healthz", "guestfs"],
  namespace: ["expand-vm-spec"],
};

const unknown = "unknown";

/**
 * How metrics call a route: one of the few names that are served. Anybody may ask for any other, and each would be a
 * series for good.
 */
export function routeName(route: Route): string {
  if (route.kind === "subresource") return `${route.resource}/${subresourceOf(route)}`;
  if (!("name" in route)) return route.kind;
  return names[route.kind].includes(route.name) ? route.name : unknown;
}

function subresourceOf(route: Route & { kind: "subresource" }): string {
  try {
    return endpointOf(route).subresource;
  } catch {
    return unknown;
  }
}
