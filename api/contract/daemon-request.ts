import { StatusError } from "../serving/status-error.ts";

/** The requests of the controller to a node's daemon about one instance: paths are written and parsed here alone. */
export interface DaemonRequest {
  readonly namespace: string;
  readonly name: string;
  /** The requester; empty when unknown. The daemon limits the connections of each user. */
  readonly user: string;
  readonly action: DaemonAction;
}

/** The requested action on an instance. */
export type DaemonAction =
  | { readonly kind: "console"; readonly readOnly: boolean }
  | { readonly kind: "console-log"; readonly follow: boolean; readonly previous: boolean }
  | { readonly kind: "vnc"; readonly preserveSession: boolean; readonly shared: boolean }
  | { readonly kind: "screenshot"; readonly moveCursor: boolean }
  | { readonly kind: "port-forward"; readonly port: number; readonly protocol: "tcp" | "udp" }
  | OperationAction;

export interface OperationAction {
  readonly kind: "operation";
  readonly operation: OperationName;
  /** For `freeze`: whole seconds after which the guest thaws automatically. */
  readonly thawAfterSeconds?: number;
}

const operationNames = ["pause", "unpause", "softreboot", "reset", "freeze", "unfreeze"] as const;

export type OperationName = (typeof operationNames)[number];

/** The HTTP method of an action. */
export function methodOf({ kind }: DaemonAction): "GET" | "PUT" {
  return kind === "operation" ? "PUT" : "GET";
}

/** The path of a request, with its query. */
export function pathOfRequest({ namespace, name, user, action }: DaemonRequest): string {
  const { path, flags } = partsOf(action);
  const query = new URLSearchParams(user ? { user } : {});
  for (const [key, isSet] of Object.entries(flags)) if (isSet) query.set(key, "true");
  const instance = `/v1/namespaces/${encodeURIComponent(namespace)}/virtualmachineinstances/${encodeURIComponent(name)}`;
  return query.size === 0 ? `${instance}/${path}` : `${instance}/${path}?${query.toString()}`;
}

function partsOf(action: DaemonAction): { path: string; flags: Readonly<Record<string, boolean>> } {
  switch (action.kind) {
    case "console":
      return { path: "console", flags: { readOnly: action.readOnly } };
    case "console-log":
      return { path: "console/log", flags: { follow: action.follow, previous: action.previous } };
    case "vnc":
      return { path: "vnc", flags: { preserveSession: action.preserveSession, shared: action.shared } };
    case "screenshot":
      return { path: "vnc/screenshot", flags: { moveCursor: action.moveCursor } };
    case "port-forward":
      return { path: `portforward/${action.port}/${action.protocol}`, flags: {} };
    case "operation":
      return { path: pathOfOperation(action), flags: {} };
    default:
      return action satisfies never;
  }
}

/** The time is in the path: an older daemon would ignore a parameter, and freeze the guest for good. */
function pathOfOperation({ operation, thawAfterSeconds }: OperationAction): string {
  return thawAfterSeconds === undefined ? operation : `${operation}/${thawAfterSeconds}`;
}

/** Parses a request. Throws a `StatusError` that names the wrong path, method or parameter. */
export function parseRequest(method: string, url: URL): DaemonRequest {
  const { pathname, searchParams } = url;
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
  const action = actionOf(rest, searchParams, pathname);
  requireMethod(method, methodOf(action), pathname);
  return { namespace, name, user: searchParams.get("user") ?? "", action };
}

/** Throws a 405 for another method than the needed one. */
export function requireMethod(method: string, needed: string, pathname: string): void {
  if (method !== needed) throw new StatusError(405, `${method} ${pathname}: use ${needed}`);
}

function actionOf(path: readonly string[], query: URLSearchParams, pathname: string): DaemonAction {
  const [first = "", second, third] = path;
  const operation = operationNames.find((one) => one === first);
  if (operation && path.length === 1) return { kind: "operation", operation };
  if (operation === "freeze" && second !== undefined && path.length === 2) {
    return { kind: "operation", operation, thawAfterSeconds: secondsOf(second) };
  }
  if (first === "portforward" && second !== undefined && path.length <= 3) {
    return { kind: "port-forward", port: portOf(second), protocol: protocolOf(third ?? "tcp") };
  }
  switch (path.join("/")) {
    case "console":
      return { kind: "console", readOnly: flag(query, "readOnly") };
    case "console/log":
      return { kind: "console-log", follow: flag(query, "follow"), previous: flag(query, "previous") };
    case "vnc":
      return { kind: "vnc", preserveSession: flag(query, "preserveSession"), shared: flag(query, "shared") };
    case "vnc/screenshot":
      return { kind: "screenshot", moveCursor: flag(query, "moveCursor") };
    default:
      throw notServed(pathname);
  }
}

function notServed(pathname: string): StatusError {
  return new StatusError(404, `${pathname}: no such path`);
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
