import type { IncomingMessage, ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { StatusError } from "../../api/serving/status-error.ts";
import { apiGroup, apiGroups, apiResources } from "./discovery.ts";
import { openApiV2, openApiV3, openApiV3Paths } from "./open-api.ts";
import { sendJson, sendText } from "./response.ts";
import type { Route } from "./route.ts";
import { type Build, versionInfo } from "./version.ts";

export interface PublicOptions {
  readonly build: Build;
  /** The metrics for `/metrics`. */
  readonly registry: Registry;
  /** Troubles that only a restart of the program fixes; `/healthz` succeeds when there are none, as by default. */
  readonly fatal?: () => readonly string[];
  /** Reasons why it is not ready; `/readyz` succeeds when there are none. */
  readonly unready: () => readonly string[];
  /** The version of the object with the current settings; `undefined` without one. */
  readonly configVersion?: () => string | undefined;
  /** The version of the API server in its own form; throws when the API server does not answer. */
  readonly kubernetes?: () => Promise<object>;
  /** The image with which `virtctl guestfs` inspects disks; without it there is none. */
  readonly guestfsImage?: string | undefined;
}

/**
 * Answers requests that need no authorization: health, metrics, discovery, OpenAPI, version. Resolves to whether the
 * request was one of these.
 */
export async function respondPublic(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  options: PublicOptions,
): Promise<boolean> {
  const answer = await publicAnswer(route, options);
  if (answer === undefined) return false;
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new StatusError(405, `${request.method ?? ""} is not allowed, use GET`);
  }
  if (typeof answer === "object") sendJson(response, 200, answer);
  else sendText(response, 200, answer);
  return true;
}

/** An object or a text; `undefined` when the route is not public. */
async function publicAnswer(route: Route, options: PublicOptions): Promise<object | string | undefined> {
  switch (route.kind) {
    case "groups":
      return apiGroups;
    case "group":
      return apiGroup;
    case "version":
      return apiResources(route.version);
    case "openapi-v2":
      return openApiV2();
    case "openapi-v3":
      return route.version === undefined ? openApiV3Paths() : openApiV3(route.version);
    case "cluster":
      return clusterAnswer(route.name, options);
    case "server":
      return serverAnswer(route.name, options);
    case "evictions":
    case "namespace":
    case "subresource":
      break;
  }
  return undefined;
}

async function clusterAnswer(name: string, options: PublicOptions): Promise<object> {
  const { build, guestfsImage } = options;
  if (name === "version") return versionInfo(build);
  if (name === "healthz") return healthOf(options);
  if (name !== "guestfs") throw new StatusError(404, `${name}: there is no such resource`);
  if (guestfsImage === undefined) throw new StatusError(501, "guestfs: no image to inspect disks with is configured");
  return guestfsInfo(guestfsImage);
}

/** The state of the API server in front, in KubeVirt's form, and the version of the current settings. */
async function healthOf({ kubernetes, configVersion }: PublicOptions): Promise<object> {
  let apiserver: object = { connectivity: "ok" };
  try {
    apiserver = { connectivity: "ok", ...(kubernetes ? { version: await kubernetes() } : {}) };
  } catch (error) {
    throw new StatusError(500, `apiserver: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { status: "ok", apiserver, "config-resource-version": configVersion?.() ?? "" };
}

/** KubeVirt's GuestfsInfo. Clients that do not know `gsImage` build the reference of `libguestfs-tools` themselves. */
function guestfsInfo(image: string): object {
  const [, registry = "", tag = "", digest = ""] = /^(?:(.+)\/)?[^/:@]+(?::([^/@]+))?(?:@(.+))?$/.exec(image) ?? [];
  return { registry, tag, imagePrefix: "", digest, gsImage: image };
}

async function serverAnswer(name: string, { registry, unready, fatal = () => [] }: PublicOptions): Promise<string> {
  switch (name) {
    case "healthz":
    case "livez": {
      const broken = fatal();
      if (broken.length > 0) throw new StatusError(503, `to be restarted: ${broken.join("; ")}`);
      return "ok";
    }
    case "readyz": {
      const missing = unready();
      if (missing.length > 0) throw new StatusError(503, `not ready: ${missing.join("; ")}`);
      return "ok";
    }
    case "metrics":
      return registry.metrics();
    default:
      throw new StatusError(404, `the server could not find the requested resource /${name}`);
  }
}
