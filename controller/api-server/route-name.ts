import { endpointOf } from "./endpoints/endpoints.ts";
import type { Route } from "./route.ts";

/** The names that are served besides sub-resources. */
const names: Readonly<Record<"server" | "cluster" | "namespace", readonly string[]>> = {
  server: ["healthz", "livez", "readyz", "metrics"],
  cluster: ["version", "healthz", "guestfs"],
  namespace: ["expand-vm-spec"],
};

const unknown = "unknown";

/**
 * The name of a route in metrics: one of the few served names. Clients may ask for any other, and each would be a new
 * series for ever.
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
