import { readFile } from "node:fs/promises";
import http, { type IncomingMessage, type Server, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { parse } from "yaml";
import { cluster } from "../cluster.ts";

/** A writing request that passed the proxy. */
export interface Write {
  readonly method: string;
  /** The path without its query. */
  readonly path: string;
  readonly status: number;
}

/**
 * A proxy between a program and the API server that sees all requests. A test can count writes, or kill the program
 * after a write but before its answer.
 */
export class ApiProxy {
  readonly writes: Write[] = [];
  /** The paths of single reads: GETs without a query, so no lists, watches or logs. */
  readonly reads: string[] = [];
  /** Called after a write and before its answer passes; false withholds the answer. */
  onWrite: ((write: Write) => Promise<boolean>) | undefined;
  /** The token for requests to the API server, because clients send no token to a server without TLS. */
  token: string | undefined;
  readonly #server: Server;
  readonly #target: URL;
  readonly #agent: https.Agent;

  private constructor(target: URL, ca: string) {
    this.#target = target;
    this.#agent = new https.Agent({ ca, keepAlive: true, maxSockets: 200 });
    this.#server = http.createServer((request, response) => this.#forward(request, response));
  }

  static async start(): Promise<ApiProxy> {
    const config = parse(await readFile(cluster.kubeconfig, "utf8"));
    const { server, "certificate-authority-data": ca } = config.clusters[0].cluster;
    const proxy = new ApiProxy(new URL(server), Buffer.from(ca, "base64").toString());
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The successful writes to objects, without Leases and events. */
  get objectWrites(): Write[] {
    return this.writes.filter(({ path, status }) => !/\/(leases|events)(\/|$)/.test(path) && status < 400);
  }

  end(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const { method = "GET", url = "/" } = request;
    const { hostname, port } = this.#target;
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const headers = { ...request.headers, ...authorization, host: `${hostname}:${port}` };
    const onward = https.request({ hostname, port, method, path: url, headers, agent: this.#agent });
    request.pipe(onward);
    response.on("close", () => onward.destroy());
    onward.on("error", () => response.destroy());
    onward.on("response", (answer) => {
      const pass = (): void => {
        // Open a watch at once, also without events.
        response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
        answer.pipe(response);
      };
      if (method === "GET") {
        if (!url.includes("?")) this.reads.push(url);
        return pass();
      }
      const write = { method, path: url.split("?")[0]!, status: answer.statusCode ?? 0 };
      this.writes.push(write);
      void (this.onWrite?.(write) ?? Promise.resolve(true)).then((go) => (go ? pass() : response.destroy()));
    });
  }
}
