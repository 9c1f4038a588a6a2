import http, { type Agent, type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import type { Access, Credentials, TlsOptions } from "../credentials/credentials.ts";
import { bareHost, isSocks } from "../proxy/address.ts";
import { type Proxied, proxiedAgent } from "../proxy/agent.ts";
import { environmentProxy } from "../proxy/environment.ts";
import { authorization } from "../proxy/tunnel.ts";
import { abortable } from "../sleep.ts";
import { NetworkError, TimeLimitError } from "./errors.ts";
import { connectionTls } from "./tls.ts";

export interface TransportOptions {
  /** The most connections that short requests use at once; watches and other streams have their own. */
  maxSockets?: number;
  userAgent?: string;
}

/** An HTTP request. */
export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Milliseconds until the answer's headers must arrive. */
  readonly timeLimit: number;
  readonly signal?: AbortSignal | undefined;
  /** A long-lived stream: it does not wait for a connection that short requests use. */
  readonly stream?: boolean;
}

/**
 * Sends authenticated requests over kept connections. It uses HTTP/1.1: with Node's HTTP/2 the same 1,500 GETs took
 * twice as long with 30 at once, and ten times as long one after another. Websockets need HTTP/1.1 anyhow.
 */
export class Transport {
  readonly credentials: Credentials;
  readonly userAgent: string;
  readonly #maxSockets: number;
  #agents: Agents | undefined;
  /** The proxy for the server from the environment. */
  #environment: { readonly proxy: URL | undefined } | undefined;

  constructor(credentials: Credentials, { maxSockets = 64, userAgent = "kubectl-virt" }: TransportOptions = {}) {
    this.credentials = credentials;
    this.userAgent = userAgent;
    this.#maxSockets = maxSockets;
  }

  /**
   * Sends a request and resolves to its answer, with any status, when the headers have come. The signal also ends the
   * answer's body. Throws NetworkError, TimeLimitError or the signal's reason.
   */
  async send(request: HttpRequest): Promise<IncomingMessage> {
    const access = await abortable(this.credentials.access(), request.signal);
    // The signal may have been aborted before; a listener added now would not be called.
    request.signal?.throwIfAborted();
    const { server } = this.credentials;
    const { body } = request;
    const ended = new AbortController();
    const asked = this.#asked(access, request.path);
    const options: https.RequestOptions & Proxied = {
      method: request.method,
      hostname: bareHost(server),
      port: server.port,
      path: asked.path,
      agent: this.agent(access, request.stream ? "stream" : "short"),
      headers: {
        "user-agent": this.userAgent,
        ...access.headers,
        ...asked.headers,
        ...request.headers,
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      },
      until: ended.signal,
    };
    const send = server.protocol === "http:" ? http.request : https.request;
    return answered(send(options), request, ended);
  }

  /** The path below the server's address. */
  pathOf(path: string): string {
    return this.credentials.server.pathname.replace(/\/$/, "") + path;
  }

  /** An agent that makes and keeps connections with the access's TLS options, through its proxy if it has one. */
  agent(access: Access, use: ConnectionUse): Agent {
    const way = { tls: access.tls, proxy: this.#proxyOf(access), server: this.credentials.server };
    if (this.#agents?.way.tls !== way.tls || this.#agents.way.proxy?.href !== way.proxy?.href) {
      this.#agents?.close();
      this.#agents = new Agents(way, this.#maxSockets);
    }
    return this.#agents.of(use);
  }

  #proxyOf({ proxy }: Access): URL | undefined {
    if (proxy) return proxy;
    this.#environment ??= { proxy: environmentProxy(this.credentials.server) };
    return this.#environment.proxy;
  }

  /** The target in a request line: a path or, for a forwarding proxy, the whole URL. */
  #asked(access: Access, requestPath: string): { path: string; headers: Record<string, string> } {
    const { server } = this.credentials;
    const path = this.pathOf(requestPath);
    const proxy = this.#proxyOf(access);
    if (!forwards(server, proxy)) return { path, headers: {} };
    return { path: `http://${server.host}${path}`, headers: authorization(proxy) };
  }

  /** Closes the connections that no request uses. */
  close(): void {
    this.#agents?.close();
    this.#agents = undefined;
  }
}

/** Whether the proxy gets requests for URLs, as HTTP proxies do for unencrypted servers, instead of a tunnel. */
function forwards(server: URL, proxy: URL | undefined): proxy is URL {
  return proxy !== undefined && server.protocol === "http:" && !isSocks(proxy);
}

/** The kind of use of a connection. */
type ConnectionUse = "short" | "stream" | "websocket";

/** The parameters of connections to a server. */
interface Way {
  readonly tls: TlsOptions;
  readonly proxy: URL | undefined;
  readonly server: URL;
}

/** The connections of one identity. */
class Agents {
  readonly way: Way;
  readonly #maxSockets: number;
  readonly #agents = new Map<ConnectionUse, Agent>();

  constructor(way: Way, maxSockets: number) {
    this.way = way;
    this.#maxSockets = maxSockets;
  }

  /** The agent of a use. Each use has its own, so that long-lived connections take no places of short ones. */
  of(use: ConnectionUse): Agent {
    const agent = this.#agents.get(use) ?? this.#make(use);
    this.#agents.set(use, agent);
    return agent;
  }

  #make(use: ConnectionUse): Agent {
    const { tls, proxy, server } = this.way;
    const isSecure = server.protocol !== "http:";
    const options = {
      keepAlive: true,
      // TCP probes detect a dead peer within half a minute.
      keepAliveMsecs: 15_000,
      maxSockets: use === "short" ? this.#maxSockets : Number.POSITIVE_INFINITY,
      // The API server closes idle connections after 90 s. Ours close first, so that no request meets the end of one.
      timeout: 60_000,
    };
    if (proxy) {
      // A websocket stops being HTTP after its first bytes, so it needs a tunnel.
      const isForwarded = use !== "websocket" && forwards(server, proxy);
      return proxiedAgent(proxy, { ...options, tls, isSecure, forwards: isForwarded });
    }
    return isSecure ? new https.Agent({ ...connectionTls(tls), ...options }) : new http.Agent(options);
  }

  /** Closes idle connections. Others continue: the server checks credentials only when a request comes. */
  close(): void {
    for (const agent of this.#agents.values()) {
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      agent.maxFreeSockets = 0;
    }
  }
}

/** An error's message without Node's advice to trust the system's authorities, since they are trusted already. */
function wordsOf({ message }: Error): string {
  return message.replace(/; if the root CA is installed locally.*/, "");
}

/** Sends the body and waits for the headers. */
function answered(
  outgoing: ClientRequest,
  { method, path, body, timeLimit, signal }: HttpRequest,
  ended: AbortController,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const end = (reason: unknown): void => {
      ended.abort(reason);
      outgoing.destroy(reason instanceof Error ? reason : new Error(String(reason)));
    };
    const abort = (): void => end(signal?.reason);
    const timer = setTimeout(
      () => end(new TimeLimitError(`${method} ${path}: no answer within ${timeLimit / 1000} s`)),
      timeLimit,
    );
    signal?.addEventListener("abort", abort, { once: true });
    let connected = false;
    outgoing.on("socket", (socket) => {
      const connect = socket instanceof Object && "encrypted" in socket ? "secureConnect" : "connect";
      if (outgoing.reusedSocket || !socket.connecting) connected = true;
      else socket.once(connect, () => (connected = true));
      // The agent's timeout is for idle connections; a watch may be silent for longer.
      socket.setTimeout(0);
    });
    outgoing.on("response", (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    outgoing.on("error", (error) => {
      if (signal?.aborted) reject(signal.reason);
      else if (error instanceof TimeLimitError) reject(error);
      else reject(new NetworkError(`${method} ${path}: ${wordsOf(error)}`, { sent: connected, cause: error }));
    });
    outgoing.on("close", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    });
    outgoing.end(body);
  });
}
