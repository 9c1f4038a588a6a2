import { readFile } from "node:fs/promises";
import http, { type IncomingMessage, type Server, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { parse } from "yaml";
import { cluster } from "../cluster.ts";

/** A request that changes something, as it went by. */
export interface Write {
  readonly method: string;
  /** The path without its query. */
  readonly path: string;
  readonly status: number;
}

/**
 * Stands between a program and the API server and sees all that goes by. What is written can be counted, and the program
 * can be killed when a write has been done but nobody has told it so.
 */
export class ApiProxy {
  readonly writes: Write[] = [];
  /** The paths of what was read and is no list, watch or log: those without a query. */
  readonly reads: string[] = [];
  /** Called after the API server has done a write and before its answer goes on; false withholds the answer. */
  onWrite: ((write: Write) => Promise<boolean>) | undefined;
  /** As whom it passes requests on: clients send no token to a server without TLS. */
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

  /** What was written without Leases and events: what is done to objects. */
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
        // A watch on which nothing happens is open all the same.
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
