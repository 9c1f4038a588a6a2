import type { Route } from "./route.ts";

/** What stock clients read raw, besides the group itself. */
const readRaw: Readonly<Record<"cluster" | "subresource", readonly string[]>> = {
  cluster: ["version", "guestfs", "healthz"],
  subresource: ["guestosinfo"],
};

/**
 * Whether stock clients read the answers of a route raw (client-go's `Result.Raw`). They print of a refusal only what comes
 * as text, and `unknown` for a Status in JSON, which all others are told, as they read it.
 */
export function isReadRaw(route: Route): boolean {
  if (route.kind === "cluster") return readRaw.cluster.includes(route.name);
  if (route.kind === "subresource") return readRaw.subresource.includes(route.segments[0]);
  return route.kind === "group";
}
