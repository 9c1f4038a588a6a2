import { type DaemonRequest, parseRequest, requireMethod } from "../../api/contract/daemon-request.ts";

export type Route =
  | { readonly kind: "healthz" | "readyz" | "metrics" }
  | ({ readonly kind: "instance" } & DaemonRequest);

/** Parses a request. Throws a `StatusError` that names the wrong path, method or parameter. */
export function routeOf(method: string, url: string): Route {
  const parsed = new URL(url, "https://daemon");
  const { pathname } = parsed;
  if (pathname === "/healthz" || pathname === "/readyz" || pathname === "/metrics") {
    requireMethod(method, "GET", pathname);
    return { kind: pathname === "/healthz" ? "healthz" : pathname === "/readyz" ? "readyz" : "metrics" };
  }
  return { kind: "instance", ...parseRequest(method, parsed) };
}
