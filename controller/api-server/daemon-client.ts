import type { ClientRequest, IncomingMessage } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { httpsPorts } from "../../api/contract/constants.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import type { Daemons } from "./backends.ts";

/** What we show the daemons, and whom we believe; in PEM. */
export interface ClientTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface DaemonClientOptions {
  readonly daemons: Daemons;
  /** Asked before each request; a new object when something of it has changed. */
  readonly tls: () => ClientTls | undefined;
  /** The daemons' port; the contract's by default. */
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

/** How an answer begins; an upgrade comes with the connection and the bytes after it. */
type First = readonly [answer: IncomingMessage, socket: Duplex | undefined, head: Buffer | undefined];

/** Requests to the node daemons over mTLS. */
export class DaemonClient {
  readonly #options: DaemonClientOptions;
  #connections: { tls: ClientTls; agent: https.Agent } | undefined;

  constructor(options: DaemonClientOptions) {
    this.#options = options;
  }

  /** Sends a request without a body and resolves to the answer, whatever its status. Throws a 503 or 504. */
  async send(node: string, method: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const request = this.#request(node, { method, path, signal });
    const answered = this.#first(node, request, ["response"]);
    request.end();
    const [answer] = await answered;
    return answer;
  }

  /**
   * Asks for an upgrade with these headers. Resolves to the connection, or to an answer that refuses. Throws a 503 or
   * 504.
   */
  async upgrade(
    node: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Upgraded | { answer: IncomingMessage; socket?: never }> {
    const request = this.#request(node, { method: "GET", path, headers, signal });
    const answered = this.#first(node, request, ["response", "upgrade"]);
    request.end();
    const [answer, socket, head] = await answered;
    if (!socket) return { answer };
    return { answer, socket, head: head ?? Buffer.alloc(0) };
  }

  /** Ends the connections that nothing uses. */
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
    // Addresses come and go: that this is the daemon of that node, and not one that took its address, its certificate says.
    const { address: host, serverName: servername } = daemon;
    return https.request({ ...rest, headers, host, port, servername, agent: this.#agent() });
  }

  #agent(): https.Agent {
    const tls = this.#options.tls();
    if (!tls) throw new StatusError(503, "the controller has no client certificate yet");
    if (this.#connections?.tls !== tls) {
      // What is in use goes on: the certificate was good when the connection was made.
      const { ca, cert, key } = tls;
      this.#connections = {
        tls,
        agent: new https.Agent({
          ca,
          cert,
          key,
          minVersion: "TLSv1.3",
          // Said, so that no variable of the environment says otherwise.
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
    // Stays as a listener: an error after the answer has begun must not end the process.
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
