import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { WebSocket } from "ws";
import { httpsPorts, programs } from "../../api/contract/constants.ts";
import type { DaemonAction } from "../../api/contract/daemon-request.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { Admission, type ConnectionRequest, type EndCause, type Entry } from "../../api/serving/admission.ts";
import type { Budget } from "../../api/serving/budget.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import { limitUntrustedConnections, timeLimits } from "../../api/serving/strangers.ts";
import { closeCode } from "../relay/close-code.ts";
import type { HealthCheck, Instance, ServerBackend } from "./backend.ts";
import { requireClientName } from "./client-name.ts";
import { serveConsole } from "./console.ts";
import { serveConsoleLog } from "./console-log.ts";
import { budgetOf, defaultLimits, type Limits } from "./limits.ts";
import { operate } from "./operation.ts";
import { servePortForward } from "./port-forward.ts";
import { Metrics } from "./request-metrics.ts";
import { refuseUpgrade, respond, respondWithError } from "./respond.ts";
import { type Route, routeOf } from "./route.ts";
import { type OwnPair, ServingTls } from "./serving-tls.ts";
import type { Session, UpgradeRequest } from "./session.ts";
import { statusOf } from "./status-of.ts";
import { serveVnc } from "./vnc.ts";
import { type WebSocketOptions, WebSockets } from "./websockets.ts";

export interface ServerOptions extends WebSocketOptions {
  /** Folder with `ca.crt`, `tls.crt` and `tls.key`. The server reads them again when they change. */
  tlsFolder: string;
  /** The node's own certificate. Once it exists, the server uses it instead of the folder's certificate. */
  own?: OwnPair;
  port?: number;
  /** Address to listen on; all addresses by default. */
  host?: string;
  /** The name that client certificates must have. */
  clientName?: string;
  /** Limits for this node's clients; `defaultLimits` has the defaults. */
  limits?: Partial<Limits>;
  /** The budget for slow peers' data, shared with the consoles; by default, the server has its own. */
  budget?: Budget;
  metrics?: Metrics;
  log?: Log;
}

/**
 * The node daemon's server: HTTPS with client certificates. `/healthz`, `/readyz` and `/metrics` are open to everybody:
 * the kubelet and Prometheus have no certificate of ours. Everything else is for the controller alone.
 */
export class NodeServer {
  readonly metrics: Metrics;
  readonly #backend: ServerBackend;
  readonly #server: Server;
  readonly #websockets: WebSockets;
  readonly #limits: Limits;
  readonly #admission: Admission;
  /** The number of operations in progress. */
  #operations = 0;
  readonly #clientName: string;
  readonly #log: Log;
  /** Aborts when the server stops. */
  readonly #stop = new AbortController();

  /** Starts to listen. Throws when the TLS files are missing, or the port is in use. */
  static async start(backend: ServerBackend, options: ServerOptions): Promise<NodeServer> {
    const { tlsFolder, own, port = httpsPorts.daemon, host, log = noLog } = options;
    const tls = await ServingTls.read(tlsFolder, own);
    // The request handler refuses clients without a certificate, so that health checks need none.
    const { context, SNICallback } = tls;
    const mutual = { requestCert: true, rejectUnauthorized: false } as const;
    const https = createServer({ ...context, SNICallback, ...mutual, ...timeLimits });
    limitUntrustedConnections(https);
    const server = new NodeServer(backend, https, options);
    const changed = (): void => {
      https.setSecureContext(tls.context);
      // A client that an old authority vouched for must present its certificate again.
      https.closeIdleConnections();
    };
    tls.watch(changed, { signal: server.#stop.signal, log });
    https.listen(port, host);
    await once(https, "listening");
    return server;
  }

  private constructor(backend: ServerBackend, server: Server, options: ServerOptions) {
    const { clientName = programs.controller, metrics = new Metrics(), log = noLog } = options;
    this.#backend = backend;
    this.#server = server;
    this.#limits = { ...defaultLimits, ...options.limits };
    const { connections: all, connectionsOfInstance, connectionsOfUser, connectionBytes } = this.#limits;
    const { budget = budgetOf(this.#limits) } = options;
    metrics.watch(budget);
    const each = { instance: connectionsOfInstance, user: connectionsOfUser, reserve: connectionBytes };
    this.#admission = new Admission({ budget, place: "this node", all, ...each });
    this.#websockets = new WebSockets({ ...this.#limits, ...options });
    this.#clientName = clientName;
    this.#log = log;
    this.metrics = metrics;
    server.on("secureConnection", (socket: TLSSocket) => {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, 30_000);
    });
    server.on("tlsClientError", (error) => log("debug", "TLS connection failed", { error }));
    server.on("request", (request, response) => void this.#request(request, response));
    server.on("upgrade", (request, socket, head) => void this.#upgrade({ request, socket, head }));
  }

  /** The port that the server listens on. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server does not listen");
    return address.port;
  }

  /** Accepts no more requests, closes open connections with the reason, and cuts the rest after `limit` ms. */
  async stop(reason: string, limit = 2000): Promise<void> {
    this.#stop.abort(new Error(reason));
    const closed = once(this.#server, "close");
    this.#server.close();
    await this.#websockets.end(reason, limit);
    const timer = setTimeout(() => this.#server.closeAllConnections(), limit);
    await closed;
    clearTimeout(timer);
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    try {
      const route = routeOf(request.method ?? "", request.url ?? "");
      await this.#answer(route, request, response, AbortSignal.any([gone.signal, this.#stop.signal]));
    } catch (error) {
      this.#logFailure(request, error);
      respondWithError(response, error);
    }
  }

  async #answer(route: Route, request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    switch (route.kind) {
      case "healthz":
        return answerHealth(response, this.#backend.healthy);
      case "readyz":
        return answerHealth(response, this.#backend.ready);
      case "metrics": {
        const { registry } = this.metrics;
        return respond(response, 200, registry.contentType, await registry.metrics());
      }
      case "instance": {
        const { namespace, name, action } = route;
        if (action.kind !== "console-log") return this.#answerOf(route, action, { request, response, signal });
        this.#requireController(request.socket);
        const serialPorts = orNotFound(this.#backend.instances.serialPorts(namespace, name), name);
        this.#enter(route, signal, () => response.destroy());
        return serveConsoleLog({ name, serialPorts }, action, response, signal);
      }
    }
  }

  async #answerOf(
    route: InstanceRoute,
    action: Exclude<DaemonAction, { kind: "console-log" }>,
    { request, response, signal }: { request: IncomingMessage; response: ServerResponse; signal: AbortSignal },
  ): Promise<void> {
    const instance = this.#find(request.socket, route);
    switch (action.kind) {
      case "operation":
        await this.#operating(() => operate(this.#backend.operations, action, { instance, request, signal }));
        return respond(response, 200, "application/json", "");
      case "screenshot": {
        if (instance.phase !== "Running") throw new StatusError(400, "VMI is not running");
        if (instance.vncSocket === undefined) throw new StatusError(400, "No graphics devices are present.");
        const { moveCursor } = action;
        const { holding } = this.#enter(route, signal, () => response.destroy());
        const hold = (bytes: number): void => {
          if (!holding.take(bytes))
            throw new StatusError(429, "the screenshot is larger than this node has room for now");
        };
        const image = await this.#backend.screenshots.take(instance, { moveCursor, hold, signal });
        return respond(response, 200, "image/png", image);
      }
      case "console":
      case "vnc":
      case "port-forward":
        throw new StatusError(400, `${action.kind}: this is a websocket, and the request asks for no upgrade`);
    }
  }

  async #upgrade({ request, socket, head }: UpgradeRequest): Promise<void> {
    const gone = new AbortController();
    socket.on("error", () => {});
    socket.on("close", () => gone.abort());
    const websockets = this.#websockets;
    let opened: WebSocket | undefined;
    let entry: Entry | undefined;
    const end = (reason: string, cause: EndCause): void => {
      // A client that another one has displaced must not reconnect at once.
      const code = cause === "taken-over" ? closeCode.goingAway : closeCode.tryAgainLater;
      if (opened) websockets.cut(opened, code, reason);
      else socket.destroy();
    };
    try {
      const route = routeOf(request.method ?? "", request.url ?? "");
      if (route.kind !== "instance") throw new StatusError(400, `${route.kind}: this is no websocket`);
      const instance = this.#find(socket, route);
      const { action } = route;
      entry = this.#enter(route, gone.signal, end);
      const session: Session = {
        instance,
        user: route.user,
        websockets,
        metrics: this.metrics,
        holding: entry.holding,
        endOthers: (reason) => entry?.endOthers(reason),
        alone: () => this.#admission.of({ ...instance, kind: action.kind }) === 1,
        gone: gone.signal,
        accept: (serve) =>
          websockets.accept(request, socket, head, (websocket) => {
            opened = websocket;
            serve(websocket);
          }),
      };
      await open(session, action);
    } catch (error) {
      entry?.leave();
      this.#logFailure(request, error);
      refuseUpgrade(socket, error);
    }
  }

  /** Counts a client until the signal aborts. Throws when there are too many clients. */
  #enter(route: InstanceRoute, gone: AbortSignal, end: ConnectionRequest["end"]): Entry {
    const { namespace, name, user, action } = route;
    const entry = this.#admission.enter({ namespace, name, user, kind: action.kind, end });
    gone.addEventListener("abort", () => entry.leave());
    if (gone.aborted) entry.leave();
    return entry;
  }

  async #operating(work: () => Promise<void>): Promise<void> {
    const { operations: most } = this.#limits;
    if (this.#operations >= most) {
      throw new StatusError(429, `${most} operations are under way on this node, the most at once; try again later`);
    }
    this.#operations += 1;
    await work().finally(() => (this.#operations -= 1));
  }

  #find(socket: Duplex, { namespace, name }: { namespace: string; name: string }): Instance {
    this.#requireController(socket);
    return orNotFound(this.#backend.instances.find(namespace, name), name);
  }

  #requireController(socket: Duplex): void {
    if (!(socket instanceof TLSSocket)) throw new Error("not a TLS connection");
    requireClientName(socket, this.#clientName);
  }

  #logFailure({ method, url }: IncomingMessage, error: unknown): void {
    const { code, message } = statusOf(error);
    this.#log(code === 500 ? "error" : "info", "request refused", { method, url, code, message });
  }
}

type InstanceRoute = Route & { readonly kind: "instance" };

function orNotFound<T>(found: T | undefined, name: string): T {
  if (!found) throw new StatusError(404, `virtualmachineinstances.kubevirt.io "${name}" not found on this node`);
  return found;
}

async function open(session: Session, action: DaemonAction): Promise<void> {
  switch (action.kind) {
    case "console":
      return serveConsole(session, action);
    case "vnc":
      return serveVnc(session, action);
    case "port-forward":
      return servePortForward(session, action);
    case "console-log":
    case "screenshot":
    case "operation":
      throw new StatusError(400, `${action.kind}: this is no websocket`);
  }
}

async function answerHealth(response: ServerResponse, check: HealthCheck): Promise<void> {
  try {
    await check();
    respond(response, 200, "text/plain", "ok");
  } catch (error) {
    respond(response, 503, "text/plain", statusOf(error).message);
  }
}
