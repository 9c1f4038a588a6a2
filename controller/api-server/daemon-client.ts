import type { ClientRequest, IncomingMessage } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { httpsPorts } from "../../api/contract/constants.ts";
import { type DaemonRequest, methodOf, pathOfRequest } from "../../api/contract/daemon-request.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import type { Daemons } from "./backends.ts";

/** Our certificate and key for connections to daemons, and the authority that we trust; in PEM. */
export interface ClientTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface DaemonClientOptions {
  readonly daemons: Daemons;
  /** Called before each request; it returns a new object when something in it has changed. */
  readonly tls: () => ClientTls | undefined;
  /** The daemons' port; by default the one in `httpsPorts`. */
  readonly port?: number;
  /** Milliseconds until an answer begins; 30 s by default. */
  readonly timeLimit?: number;
}

/** An upgraded connection to a daemon. */
export interface Upgraded {
  readonly answer: IncomingMessage;
  readonly socket: Duplex;
  /** The first bytes after the answer. */
  readonly head: Buffer;
}

/** The beginning of an answer; for an upgrade with the connection and the first bytes after the answer. */
type First = readonly [answer: IncomingMessage, socket: Duplex | undefined, head: Buffer | undefined];

/** Sends requests to the node daemons over mTLS. */
export class DaemonClient {
  readonly #options: DaemonClientOptions;
  #connections: { tls: ClientTls; agent: https.Agent } | undefined;

  constructor(options: DaemonClientOptions) {
    this.#options = options;
  }

  /** Sends a request without a body. Resolves to the answer, with any status. Throws a 503 or 504. */
  async send(node: string, asked: DaemonRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const request = this.#request(node, { method: methodOf(asked.action), path: pathOfRequest(asked), signal });
    const answered = this.#first(node, request, ["response"]);
    request.end();
    const [answer] = await answered;
    return answer;
  }

  /**
   * Sends an upgrade request with these headers. Resolves to the connection, or to an answer that refuses. Throws a 503
   * or 504.
   */
  async upgrade(
    node: string,
    asked: DaemonRequest,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Upgraded | { answer: IncomingMessage; socket?: never }> {
    const request = this.#request(node, { method: "GET", path: pathOfRequest(asked), headers, signal });
    const answered = this.#first(node, request, ["response", "upgrade"]);
    request.end();
    const [answer, socket, head] = await answered;
    if (!socket) return { answer };
    return { answer, socket, head: head ?? Buffer.alloc(0) };
  }

  /** Closes the unused connections. */
  close(): void {
    this.#connections?.agent.destroy();
    this.#connections = undefined;
  }

  #request(
    node: string,
    options: { method: string; path: string; headers?: Readonly<Record<string, string>>; signal: AbortSignal },
  ): ClientRequest {
    const { daemons, port = httpsPorts.daemon } = this.#options;
    const daemon = daemons.find(node);
    if (!daemon) throw new StatusError(503, `no node daemon is running on node "${node}"`);
    const { headers = {}, ...rest } = options;
    // Addresses change. The certificate proves that this is the daemon of that node, not another peer at its address.
    const { address: host, serverName: servername } = daemon;
    return https.request({ ...rest, headers, host, port, servername, agent: this.#agent() });
  }

  #agent(): https.Agent {
    const tls = this.#options.tls();
    if (!tls) throw new StatusError(503, "the controller has no client certificate yet");
    if (this.#connections?.tls !== tls) {
      // Connections in use continue: the certificate was valid when they were made.
      const { ca, cert, key } = tls;
      this.#connections = {
        tls,
        agent: new https.Agent({
          ca,
          cert,
          key,
          minVersion: "TLSv1.3",
          // Set explicitly, so that no environment variable changes it.
          rejectUnauthorized: true,
          keepAlive: true,
          timeout: 60_000,
        }),
      };
    }
    return this.#connections.agent;
  }

  async #first(node: string, request: ClientRequest, events: readonly ("response" | "upgrade")[]): Promise<First> {
    const { timeLimit = 30_000 } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<First>();
    const late = new StatusError(504, `the node daemon of node "${node}" did not answer within ${timeLimit / 1000} s`);
    const timer = setTimeout(() => request.destroy(late), timeLimit);
    // This listener stays: an error after the answer has begun must not end the process.
    request.on("error", reject);
    request.on("socket", (socket) => socket.setTimeout(0));
    for (const event of events) {
      request.once(event, (answer: IncomingMessage, socket?: Duplex, head?: Buffer) => resolve([answer, socket, head]));
    }
    try {
      return await promise;
    } catch (error) {
      if (error instanceof StatusError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StatusError(503, `the node daemon of node "${node}" does not answer: ${reason}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}
