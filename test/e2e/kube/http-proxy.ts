import { once } from "node:events";
import { createServer, type Server } from "node:http";
import https from "node:https";
import { pipeline } from "node:stream";
import type { Credentials } from "../../../api/kube/credentials/credentials.ts";

/** A load balancer's treatment of watches. */
export type WatchFate = "pass" | "end" | "reset";

/** An HTTP proxy to the API server, with given credentials; it can end each watch at once. */
export class HttpProxy {
  readonly #server: Server;
  readonly #credentials: Credentials;
  watches: WatchFate = "pass";
  /** Times of watch requests, in milliseconds. */
  readonly asked: number[] = [];

  private constructor(credentials: Credentials) {
    this.#credentials = credentials;
    this.#server = createServer((incoming, outgoing) => {
      const forward = async (): Promise<void> => {
        const { headers, tls } = await credentials.access();
        const isWatch = incoming.url?.includes("watch=true") === true;
        if (isWatch) this.asked.push(performance.now());
        const { hostname: host, port } = credentials.server;
        const { method = "GET", url: path = "/" } = incoming;
        const forwarded = https.request({
          ...tls,
          host,
          port,
          method,
          path,
          headers: { ...incoming.headers, ...headers },
        });
        forwarded.on("error", () => outgoing.destroy());
        forwarded.on("response", (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          if (isWatch && this.watches !== "pass") {
            answer.destroy();
            if (this.watches === "end") outgoing.end();
            else outgoing.flushHeaders();
            if (this.watches === "reset") setImmediate(() => outgoing.destroy());
          } else pipeline(answer, outgoing, () => {});
        });
        incoming.pipe(forwarded);
        outgoing.on("close", () => forwarded.destroy());
      };
      forward().catch((error: Error) => outgoing.destroy(error));
    });
  }

  static async start(credentials: Credentials): Promise<HttpProxy> {
    const proxy = new HttpProxy(credentials);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Credentials for clients of the proxy. */
  get credentials(): Credentials {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    const access = { headers: {}, tls: {} };
    return {
      server: new URL(`http://127.0.0.1:${address.port}`),
      namespace: this.#credentials.namespace,
      access: async () => access,
      refused: async () => false,
    };
  }

  /** Ends all connections. */
  closeAll(): void {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeAll();
    this.#server.close();
    await once(this.#server, "close");
  }
}
