import http, { type Agent, type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import type { Access, Credentials, TlsOptions } from "./credentials.ts";
import { NetworkError, TimeLimitError } from "./errors.ts";
import { abortable } from "./sleep.ts";

export interface TransportOptions {
  /** How many connections short requests use at once, at most; watches and other streams have their own. */
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
  /** Milliseconds until the answer's headers have to be there. */
  readonly timeLimit: number;
  readonly signal?: AbortSignal | undefined;
  /** A stream that stays: it does not wait for a connection that short requests use. */
  readonly stream?: boolean;
}

/**
 * Authenticated requests over kept connections. It speaks HTTP/1.1: with Node's HTTP/2 the same 1,500 GETs took twice as
 * long with 30 at once and ten times as long one after another, and websockets need HTTP/1.1 anyhow.
 */
export class Transport {
  readonly credentials: Credentials;
  readonly userAgent: string;
  readonly #maxSockets: number;
  #agents: Agents | undefined;

  constructor(credentials: Credentials, { maxSockets = 64, userAgent = "kubectl-virt" }: TransportOptions = {}) {
    this.credentials = credentials;
    this.userAgent = userAgent;
    this.#maxSockets = maxSockets;
  }

  /**
   * Sends a request and resolves to its answer, whatever its status, when the headers have come. The signal also ends
   * the answer's body. Throws NetworkError, TimeLimitError or the signal's reason.
   */
  async send(request: HttpRequest): Promise<IncomingMessage> {
    const access = await abortable(this.credentials.access(), request.signal);
    // Aborted since: an event that has passed is not heard.
    request.signal?.throwIfAborted();
    const { protocol, hostname, port } = this.credentials.server;
    const options = {
      method: request.method,
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port,
      path: this.pathOf(request.path),
      agent: this.agent(access, request.stream ?? false),
      headers: { "user-agent": this.userAgent, ...access.headers, ...request.headers },
    };
    const { body } = request;
    const headers = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const send = protocol === "http:" ? http.request : https.request;
    return answered(send({ ...options, headers: { ...options.headers, ...headers } }), request);
  }

  /** The path below the server's address. */
  pathOf(path: string): string {
    return this.credentials.server.pathname.replace(/\/$/, "") + path;
  }

  /** Makes and keeps connections with the access's TLS options. */
  agent(access: Access, stream: boolean): Agent {
    if (access.agent) return access.agent;
    if (this.#agents?.tls !== access.tls) {
      this.#agents?.close();
      this.#agents = new Agents(access.tls, this.credentials.server.protocol, this.#maxSockets);
    }
    return stream ? this.#agents.streams : this.#agents.short;
  }

  /** Ends the connections that no request uses. */
  close(): void {
    this.#agents?.close();
    this.#agents = undefined;
  }
}

/** The connections of one identity. */
class Agents {
  readonly tls: TlsOptions;
  readonly short: Agent;
  readonly streams: Agent;

  constructor(tls: TlsOptions, protocol: string, maxSockets: number) {
    this.tls = tls;
    const make = (limit: number): Agent => {
      const options = {
        // Said, so that no variable of the environment says otherwise.
        rejectUnauthorized: true,
        ...tls,
        keepAlive: true,
        // TCP probes find a peer that is gone without a word, within half a minute.
        keepAliveMsecs: 15_000,
        maxSockets: limit,
        // The API server ends an idle connection after 90 s; ours goes first, so that no request meets that end.
        timeout: 60_000,
      };
      return protocol === "http:" ? new http.Agent(options) : new https.Agent(options);
    };
    this.short = make(maxSockets);
    this.streams = make(Number.POSITIVE_INFINITY);
  }

  /** Ends what is idle. What is in use goes on: tokens and certificates are checked when a request comes. */
  close(): void {
    for (const agent of [this.short, this.streams]) {
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      agent.maxFreeSockets = 0;
    }
  }
}

/** Sends the body and waits for the headers. */
function answered(
  outgoing: ClientRequest,
  { method, path, body, timeLimit, signal }: HttpRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      outgoing.destroy(signal?.reason);
    };
    const timer = setTimeout(() => {
      outgoing.destroy(new TimeLimitError(`${method} ${path}: no answer within ${timeLimit / 1000} s`));
    }, timeLimit);
    signal?.addEventListener("abort", abort, { once: true });
    let connected = false;
    outgoing.on("socket", (socket) => {
      const connect = socket instanceof Object && "encrypted" in socket ? "secureConnect" : "connect";
      if (outgoing.reusedSocket || !socket.connecting) connected = true;
      else socket.once(connect, () => (connected = true));
      // The agent's limit is for idle connections; a watch may be silent for longer.
      socket.setTimeout(0);
    });
    outgoing.on("response", (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    outgoing.on("error", (error) => {
      if (signal?.aborted) reject(signal.reason);
      else if (error instanceof TimeLimitError) reject(error);
      else reject(new NetworkError(`${method} ${path}: ${error.message}`, { sent: connected, cause: error }));
    });
    outgoing.on("close", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    });
    outgoing.end(body);
  });
}
