import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { Registry } from "prom-client";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type FrontProxy, frontProxyOf } from "../../../controller/api-server/front-proxy.ts";
import { apiServerMetrics } from "../../../controller/api-server/request-metrics.ts";
import { type ServingTls, serve } from "../../../controller/api-server/server.ts";
import { Value } from "../../../controller/api-server/watched-value.ts";
import { validityAt } from "../../../controller/certificates/authorities.ts";
import { issue, type KeyPair, makeAuthority } from "../../../controller/certificates/authority.ts";
import { subjects } from "../../../controller/certificates/subjects.ts";

const path = "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/vm/start";
const validity = validityAt(Date.now(), 3_600_000);
const cleanUps: (() => unknown)[] = [];
let own: KeyPair;
let shown: KeyPair;
let authority: KeyPair;

beforeAll(async () => {
  own = await makeAuthority("of the add-on", validity);
  shown = await issue(own, subjects("virt-api", "kubevirt").server, validity);
  authority = await makeAuthority("of the front proxy", validity);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const client = (commonName: string, from = authority): Promise<KeyPair> =>
  issue(from, { commonName, usage: "client", names: [] }, validity);

/** The port of a server whose front proxy has one of these names. It does nothing for anybody, and says for whom not. */
async function aServer(...allowedNames: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const listening = Promise.withResolvers<number>();
  const data = {
    "requestheader-client-ca-file": authority.certificate,
    "requestheader-allowed-names": JSON.stringify(allowedNames),
  };
  const registry = new Registry();
  const served = serve(
    {
      port: 0,
      host: "127.0.0.1",
      serving: new Value<ServingTls>({ cert: shown.certificate, key: shown.key }),
      frontProxy: new Value<FrontProxy>(frontProxyOf(data)),
      authorizer: { refusal: async ({ name }) => `not for ${name}` },
      objects: {
        machine: async () => undefined,
        instance: async () => undefined,
        wholeMachine: async (_object, _live, use) => use(undefined),
      },
      machines: { change: async () => {} },
      evictions: { obstacle: async () => undefined },
      daemons: { find: () => undefined },
      daemonTls: () => undefined,
      metrics: apiServerMetrics(registry),
      build: { commit: "0000000", date: "1970-01-01T00:00:00Z" },
      registry,
      unready: () => [],
      onListening: listening.resolve,
    },
    stop.signal,
  );
  cleanUps.push(() => {
    stop.abort();
    return served;
  });
  return listening.promise;
}

/** What somebody is answered who says to ask for an administrator: the status and the message. */
async function answer(port: number, as?: KeyPair): Promise<[number | undefined, string]> {
  const sent = request({
    host: "127.0.0.1",
    port,
    method: "PUT",
    path,
    ca: own.certificate,
    servername: "virt-api.kubevirt.svc",
    headers: { "x-remote-user": "admin" },
    agent: false,
    ...(as ? { cert: as.certificate, key: as.key } : {}),
  });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const { message } = JSON.parse(Buffer.concat(await response.toArray()).toString()) as { message: string };
  return [response.statusCode, message];
}

test("a certificate of the front proxy's authority counts that has one of its names", async () => {
  const port = await aServer("front-proxy-client", "aggregator");
  expect(await answer(port, await client("aggregator"))).toEqual([403, "not for admin"]);
});

test("one of that authority with another name does not", async () => {
  const port = await aServer("front-proxy-client");
  for (const name of ["front-proxy", "FRONT-PROXY-CLIENT", "kubelet", ""]) {
    const refused = `Unauthorized: the client certificate's name "${name}" is not allowed`;
    expect(await answer(port, await client(name))).toEqual([401, refused]);
  }
});

test("where the cluster allows no names, each of that authority counts", async () => {
  expect(await answer(await aServer(), await client("anybody"))).toEqual([403, "not for admin"]);
});

test("the name alone does not count, from another authority or without a certificate", async () => {
  const refused = [401, "Unauthorized: the API server's client certificate is missing or not trusted"];
  for (const port of [await aServer("aggregator"), await aServer()]) {
    expect(await answer(port, await client("aggregator", own))).toEqual(refused);
    expect(await answer(port)).toEqual(refused);
  }
});
