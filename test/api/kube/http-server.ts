import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { KubeClient } from "../../../api/kube/client/client.ts";
import type { ClientOptions } from "../../../api/kube/client/client-options.ts";
import type { Credentials } from "../../../api/kube/credentials/credentials.ts";
import type { KubeObject } from "../../../api/kube/resources/object.ts";
import type { Resource } from "../../../api/kube/resources/resource.ts";

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Starts a server for bytes that no API server sends. It plays the network and broken peers, not Kubernetes. Each
 * handler answers one request; the last one answers all further requests.
 */
export async function aServer(...handlers: readonly [Handler, ...Handler[]]): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    (handlers[requests.length - 1] ?? handlers.at(-1))?.(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, requests, url: urlOf(server) };
}

export interface TestServer {
  server: Server;
  /** Method and path of each request. */
  requests: string[];
  url: URL;
}

function urlOf(server: Server): URL {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return new URL(`http://127.0.0.1:${address.port}`);
}

/** Makes a client of a server without TLS. */
export function aClient(url: URL, options: ClientOptions & Partial<Credentials> = {}): KubeClient {
  const access = { headers: {}, tls: {} };
  const client = new KubeClient(
    {
      server: url,
      namespace: "default",
      access: async () => access,
      refused: async () => false,
      ...options,
    },
    options,
  );
  onTestFinished(() => client.close());
  return client;
}

/** An object of a kind that exists only in tests. */
export interface Thing extends KubeObject {
  spec?: { node?: string; [field: string]: unknown };
}

export const things: Resource<Thing> = {
  group: "tests.example.com",
  version: "v1",
  plural: "things",
  kind: "Thing",
  namespaced: true,
};

/** Makes a thing with a name and version. */
export function aThing(name: string, resourceVersion = "1", more: object = {}): Thing {
  return {
    apiVersion: "tests.example.com/v1",
    kind: "Thing",
    metadata: { namespace: "default", name, uid: `uid-${name}`, resourceVersion },
    ...more,
  };
}

/** Answers with JSON. */
export function json(value: object, status = 200, headers: Record<string, string> = {}): Handler {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
}

/** Answers with a Status. */
export function refusal(code: number, reason: string, headers: Record<string, string> = {}): Handler {
  return json({ kind: "Status", code, reason, message: `because of ${reason}` }, code, headers);
}
