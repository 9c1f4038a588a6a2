import type { Route } from "./route.ts";

/** The resources that stock clients read raw, besides the group itself. */
const readRaw: Readonly<Record<"cluster" | "subresource", readonly string[]>> = {
  cluster: ["version", "guestfs", "healthz"],
  subresource: ["guestosinfo"],
};

/**
 * Whether stock clients read a route's answers raw (client-go's `Result.Raw`). Of a refusal they print only plain text,
 * and `unknown` for a JSON Status. So all clients of such a route get refusals as text.
 */
export function isReadRaw(route: Route): boolean {
  if (route.kind === "cluster") return readRaw.cluster.includes(route.name);
  if (route.kind === "subresource") return readRaw.subresource.includes(route.segments[0]);
  return route.kind === "group";
}
