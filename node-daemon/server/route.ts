import { StatusError } from "../../api/serving/status-error.ts";
import type { OperationName, OperationOptions } from "./backend.ts";

/** The requested action on an instance. */
export type Action =
  | { readonly kind: "console"; readonly readOnly: boolean }
  | { readonly kind: "console-log"; readonly follow: boolean; readonly previous: boolean }
  | { readonly kind: "vnc"; readonly preserveSession: boolean; readonly shared: boolean }
  | { readonly kind: "screenshot"; readonly moveCursor: boolean }
  | { readonly kind: "port-forward"; readonly port: number; readonly protocol: "tcp" | "udp" }
  | { readonly kind: "operation"; readonly operation: OperationName; readonly options?: OperationOptions };

export type Route =
  | { readonly kind: "healthz" | "readyz" | "metrics" }
  /** `user` is the requester as named by the controller; empty when the controller names none. */
  | {
      readonly kind: "instance";
      readonly namespace: string;
      readonly name: string;
      readonly user: string;
      readonly action: Action;
    };

const operations: readonly string[] = ["pause", "unpause", "softreboot", "reset", "freeze", "unfreeze"];

const isOperation = (name: string): name is OperationName => operations.includes(name);

/** Parses a request. Throws a `StatusError` that names the wrong path, method or parameter. */
export function routeOf(method: string, url: string): Route {
  const { pathname, searchParams } = new URL(url, "https://daemon");
  if (pathname === "/healthz" || pathname === "/readyz" || pathname === "/metrics") {
    requireMethod(method, "GET", pathname);
    return { kind: pathname === "/healthz" ? "healthz" : pathname === "/readyz" ? "readyz" : "metrics" };
  }
  const [, version, namespaces, namespace, instances, name, ...rest] = pathname.split("/").map(decoded);
  if (
    version !== "v1" ||
    namespaces !== "namespaces" ||
    instances !== "virtualmachineinstances" ||
    !namespace ||
    !name
  ) {
    throw notServed(pathname);
  }
  const { needs, action } = actionOf(rest, searchParams, pathname);
  requireMethod(method, needs, pathname);
  return { kind: "instance", namespace, name, user: searchParams.get("user") ?? "", action };
}

function actionOf(
  path: readonly string[],
  query: URLSearchParams,
  pathname: string,
): { needs: "GET" | "PUT"; action: Action } {
  const get = (action: Action): { needs: "GET"; action: Action } => ({ needs: "GET", action });
  const [first = "", second, third] = path;
  if (path.length === 1 && isOperation(first)) return { needs: "PUT", action: { kind: "operation", operation: first } };
  // The time is in the path: an older daemon would ignore a parameter, and freeze the guest for good.
  if (first === "freeze" && second !== undefined && path.length === 2) {
    const options = { thawAfter: secondsOf(second) * 1000 };
    return { needs: "PUT", action: { kind: "operation", operation: "freeze", options } };
  }
  if (first === "portforward" && second !== undefined && path.length <= 3) {
    return get({ kind: "port-forward", port: portOf(second), protocol: protocolOf(third ?? "tcp") });
  }
  switch (path.join("/")) {
    case "console":
      return get({ kind: "console", readOnly: flag(query, "readOnly") });
    case "console/log":
      return get({ kind: "console-log", follow: flag(query, "follow"), previous: flag(query, "previous") });
    case "vnc":
      return get({
        kind: "vnc",
        preserveSession: flag(query, "preserveSession"),
        shared: flag(query, "shared"),
      });
    case "vnc/screenshot":
      return get({ kind: "screenshot", moveCursor: flag(query, "moveCursor") });
    default:
      throw notServed(pathname);
  }
}

function notServed(pathname: string): StatusError {
  return new StatusError(404, `${pathname}: no such path`);
}

function requireMethod(method: string, needed: string, pathname: string): void {
  if (method !== needed) throw new StatusError(405, `${method} ${pathname}: use ${needed}`);
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? "false";
  if (value !== "true" && value !== "false")
    throw new StatusError(400, `${name}: "${value}" is neither true nor false`);
  return value === "true";
}

function secondsOf(text: string): number {
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (seconds < 1) throw new StatusError(400, `freeze: "${text}" is not a number of seconds`);
  return seconds;
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new StatusError(400, `port: "${text}" is not a number from 1 to 65535`);
  return port;
}

function protocolOf(text: string): "tcp" | "udp" {
  if (text !== "tcp" && text !== "udp") throw new StatusError(400, `protocol: "${text}" is neither tcp nor udp`);
  return text;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new StatusError(400, `path: "${segment}" is not percent-encoded text`, { cause: error });
  }
}
