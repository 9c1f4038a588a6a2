import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { methodOf } from "../../api/contract/daemon-request.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { Admission, type Entry } from "../../api/serving/admission.ts";
import type { Allocation, Budget } from "../../api/serving/budget.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import type { Access, Authorizer, Daemons, Machines, Objects } from "./backends.ts";
import { bodyOf, largestOptions } from "./body.ts";
import { type ClientTls, DaemonClient } from "./daemon-client.ts";
import type { Answer, SubresourceRequest } from "./endpoint.ts";
import { endpointOf, type Found } from "./endpoints/endpoints.ts";
import { type Evictions, respondEviction } from "./evictions.ts";
import { expandMachine } from "./expand.ts";
import { type FrontProxy, userOf } from "./front-proxy.ts";
import { budgetOf, defaultLimits, type Limits } from "./limits.ts";
import { isDryRun } from "./options.ts";
import { type PublicOptions, respondPublic } from "./public.ts";
import { isReadRaw } from "./raw-readers.ts";
import { badRequest } from "./refusals.ts";
import type { ApiServerMetrics } from "./request-metrics.ts";
import { forward, responseOn, sendError, sendHeld } from "./response.ts";
import { type Route, routeOf } from "./route.ts";
import { routeName } from "./route-name.ts";
import type { User } from "./user.ts";
import type { WatchedValue } from "./watched-value.ts";
import { Displaced, relayWebSocket, upgradeHeaders } from "./websocket-relay.ts";

export interface HandlerOptions extends PublicOptions {
  readonly frontProxy: WatchedValue<FrontProxy>;
  readonly authorizer: Authorizer;
  readonly objects: Objects;
  readonly machines: Machines;
  readonly daemons: Daemons;
  readonly evictions: Evictions;
  readonly daemonTls: () => ClientTls | undefined;
  /** By default the port in `httpsPorts`. */
  readonly daemonPort?: number;
  readonly metrics?: ApiServerMetrics;
  /** Limits for clients; missing ones come from `defaultLimits`. */
  readonly limits?: Partial<Limits>;
  readonly log?: Log;
}

/** Answers requests. */
export interface Handler {
  respond(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  close(): void;
}

/** Makes the handler of requests; the signal ends the websockets. */
export function makeHandler(options: HandlerOptions, signal: AbortSignal): Handler {
  const { daemons, daemonTls, daemonPort, metrics, log = noLog } = options;
  const daemonClient = new DaemonClient({
    daemons,
    tls: daemonTls,
    ...(daemonPort === undefined ? {} : { port: daemonPort }),
  });

  const limits: Limits = { ...defaultLimits, ...options.limits };
  const budget = budgetOf(limits);
  const admission = admissionOf(limits, budget);
  metrics?.watch(budget);

  const failed = (what: string, response: ServerResponse, error: unknown, form?: "text"): void => {
    // The client is gone, which aborted the request to the daemon.
    if (response.destroyed) return;
    const status = sendError(response, error, form);
    metrics?.answered(what, status);
    if (status >= 500) log("warn", "request failed", { resource: what, status, error });
  };

  return {
    async respond(request, response) {
      let what = "none";
      let form: "text" | undefined;
      // The whole shared part: the largest body needs most of it. So one of these fits at a time, or many usual ones.
      const holding = budget.holding({ part: 1 });
      try {
        const { route, query } = asked(request);
        what = routeName(route);
        if (isReadRaw(route)) form = "text";
        if (await respondPublic(route, request, response, options)) {
          metrics?.answered(what, response.statusCode);
          return;
        }
        const user = userOf(request, options.frontProxy.current());
        if (route.kind === "evictions") {
          await respondEviction(options.evictions, user, request, response, holding);
          metrics?.answered(what, response.statusCode);
          return;
        }
        const answer = await answerOf(route, { request, user, query, holding }, options);
        if (answer.kind === "json") {
          // The answer replaces the read data; it then waits for the client.
          holding.release();
          sendHeld(response, answer, budget.holding());
        } else if (answer.kind === "websocket") upgradeHeaders(request);
        else {
          const gone = new AbortController();
          response.once("close", () => gone.abort());
          // A log may be followed for days, and a screenshot may wait for a slow client.
          if (methodOf(answer.request.action) === "GET") {
            const end = (): unknown => response.destroy();
            const entry = admission.enter({ ...objectOf(route), user: user.name, kind: what, end });
            response.once("close", () => entry.leave());
          }
          await forward(await daemonClient.send(answer.node, answer.request, gone.signal), response);
        }
        metrics?.answered(what, response.statusCode);
      } catch (error) {
        failed(what, response, error, form);
      } finally {
        holding.release();
      }
    },

    async upgrade(request, socket, head) {
      let what = "none";
      let refusal: ServerResponse | undefined;
      const gone = new AbortController();
      const abort = (): void => gone.abort();
      socket.once("close", abort);
      const ended = new AbortController();
      let entry: Entry | undefined;
      try {
        const { route, query } = asked(request);
        what = routeName(route);
        const user = userOf(request, options.frontProxy.current());
        const answer = await answerOf(route, { request, user, query }, options);
        if (answer.kind !== "websocket") throw badRequest(`${what} is not reached by a websocket`);
        const end = (reason: string): void => ended.abort(new Displaced(reason));
        ended.signal.addEventListener("abort", abort, { once: true });
        entry = admission.enter({ ...objectOf(route), user: user.name, kind: what, end });
        const daemon = await daemonClient.upgrade(answer.node, answer.request, upgradeHeaders(request), gone.signal);
        socket.off("close", abort);
        ended.signal.removeEventListener("abort", abort);
        metrics?.answered(what, daemon.answer.statusCode ?? 0);
        if (!daemon.socket) {
          refusal = responseOn(request, socket);
          await forward(daemon.answer, refusal);
          return;
        }
        const closed = metrics?.opened(answer.connection, objectOf(route));
        const either = AbortSignal.any([signal, ended.signal]);
        await relayWebSocket({ client: socket, head }, daemon, either).finally(closed);
      } catch (error) {
        // A connection takes one response: if the daemon broke off its refusal, that response is ended here.
        const why = ended.signal.aborted ? new StatusError(503, String(ended.signal.reason.message)) : error;
        failed(what, refusal ?? responseOn(request, socket), why);
      } finally {
        entry?.leave();
      }
    },

    close() {
      daemonClient.close();
    },
  };
}

function admissionOf(limits: Limits, budget: Budget): Admission {
  const {
    connections: all,
    connectionsOfInstance: instance,
    connectionsOfUser: user,
    connectionBytes: reserve,
  } = limits;
  return new Admission({ budget, place: "the API server of virtual machines", all, instance, user, reserve });
}

/** The route and query of a request. Throws a 404 for an unknown path. */
function asked({ url = "/" }: IncomingMessage): { route: Route; query: URLSearchParams } {
  const { pathname, searchParams } = URL.parse(url, "https://virt-api") ?? {};
  const route = pathname === undefined ? undefined : routeOf(pathname);
  if (!route || !searchParams) throw new StatusError(404, `the server could not find the requested resource ${url}`);
  return { route, query: searchParams };
}

/** A request with its user and query; its body is part of the holding. */
interface Asked {
  readonly request: IncomingMessage;
  readonly user: User;
  readonly query: URLSearchParams;
  readonly holding?: Allocation;
}

/** The answer to a user's request. Throws a 403 before it reveals anything else. */
async function answerOf(
  route: Route,
  { request, user, query, holding }: Asked,
  options: HandlerOptions,
): Promise<Answer> {
  const verb = verbOf(request.method);
  if (route.kind === "namespace") {
    if (route.name !== "expand-vm-spec") throw new StatusError(404, `${route.name}: there is no such resource`);
    const { version, namespace, name } = route;
    await authorize(options.authorizer, user, { verb, version, namespace, resource: name });
    if (request.method !== "PUT") throw methodNotAllowed(request, name, "PUT");
    return expandMachine(await bodyOf(request, { holding }));
  }
  if (route.kind !== "subresource") throw new StatusError(404, "the server could not find the requested resource");

  const { version, namespace, resource, name } = route;
  const { endpoint, subresource, rest } = lookUp(route);
  await authorize(options.authorizer, user, { verb, version, namespace, resource, subresource, name });
  if (endpoint instanceof StatusError) throw endpoint;
  if (request.method !== endpoint.method) throw methodNotAllowed(request, subresource, endpoint.method);
  const body = endpoint.method === "GET" ? {} : await bodyOf(request, { limit: largestOptions, holding });
  const { objects, machines } = options;
  const dryRun = isDryRun(body, query);
  return decided(endpoint, { user, namespace, name, rest, query, body, dryRun, objects, machines, live: false });
}

/** Finds the endpoint, but returns a 404 as a value, so that only an authorized user sees it. */
function lookUp(
  route: Route & { kind: "subresource" },
): Omit<Found, "endpoint"> & { endpoint: Found["endpoint"] | StatusError } {
  try {
    return endpointOf(route);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { endpoint: error, subresource: route.segments[0], rest: [] };
  }
}

async function authorize(authorizer: Authorizer, user: User, access: Access): Promise<void> {
  const refusal = await authorizer.refusal(user, access);
  if (refusal !== undefined) throw new StatusError(403, refusal);
}

/**
 * Decides by the cache, without a request to the API server. A refusal may come from an outdated cache (the object may
 * be new), so then it decides again with the API server's objects.
 */
async function decided(endpoint: Found["endpoint"], request: SubresourceRequest): Promise<Answer> {
  try {
    return await endpoint.answer(request);
  } catch (error) {
    const again =
      error instanceof StatusError
        ? error.code < 500
        : error instanceof ApiError && (error.isInvalid || error.isConflict || error.isNotFound);
    if (!again) throw error;
  }
  return endpoint.answer({ ...request, live: true });
}

/** The RBAC verb of a method. */
function verbOf(method = "GET"): string {
  return { GET: "get", HEAD: "get", PUT: "update", POST: "create", PATCH: "patch", DELETE: "delete" }[method] ?? method;
}

function methodNotAllowed({ method = "" }: IncomingMessage, what: string, allowed: string): StatusError {
  return new StatusError(405, `${what}: ${method} is not allowed, use ${allowed}`);
}

function objectOf(route: Route): { namespace: string; name: string } {
  return route.kind === "subresource" ? route : { namespace: "", name: "" };
}
