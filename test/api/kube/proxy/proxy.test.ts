import { once } from "node:events";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { KubeClient } from "../../../../api/kube/client/client.ts";
import { NetworkError, TimeLimitError } from "../../../../api/kube/client/errors.ts";
import { watch } from "../../../../api/kube/client/watch.ts";
import { openWebSocket } from "../../../../api/kube/client/websocket.ts";
import { fromKubeconfig } from "../../../../api/kube/credentials/kubeconfig.ts";
import { type KeyPair, Pki } from "../../../../cluster/pki.ts";
import { aThing, things } from "../http-server.ts";
import { anHttpProxy, aSocksProxy, aTlsFront, type Proxy } from "./proxies.ts";

/** A name that no resolver has. */
const name = "api.behind.test";

let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
let pair: KeyPair;
let proxyPair: KeyPair;
let front: Proxy;
const ofApi = { tokens: [] as (string | undefined)[] };

/** An API server that knows one thing. */
const api = createServer((question, answer) => {
  ofApi.tokens.push(question.headers.authorization);
  answer.writeHead(200, { "content-type": "application/json" });
  if (question.url?.includes("watch=true")) answer.write(`${JSON.stringify({ type: "ADDED", object: aThing("a") })}\n`);
  else answer.end(JSON.stringify(aThing("a")));
});
const websockets = new WebSocketServer({ noServer: true });
api.on("upgrade", (question, socket, head) => {
  websockets.handleUpgrade(question, socket, head, (websocket) => websocket.send("hello"));
});
const portOf = (): number => (api.address() as AddressInfo).port;

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), "proxy-"));
  const pki = new Pki(scratch.path);
  pair = await pki.issue("server", "ca", { commonName: "server", names: [name] });
  proxyPair = await pki.issue("proxy", "ca", { commonName: "proxy", names: ["127.0.0.1"] });
  api.listen(0, "127.0.0.1");
  await once(api, "listening");
  front = await aTlsFront(portOf(), pair);
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  for (const websocket of websockets.clients) websocket.terminate();
  api.closeAllConnections();
  api.close();
  await scratch[Symbol.asyncDispose]();
});
afterEach(() => vi.unstubAllEnvs());

/** A client with a kubeconfig whose server is `SCHEME://name`, by way of a proxy. */
async function aClient(scheme: string, proxyUrl?: string, user: object = {}): Promise<KubeClient> {
  const file = join(scratch.path, "kubeconfig");
  const cluster = {
    server: `${scheme}://${name}:6443`,
    ...(scheme === "https" ? { "certificate-authority": join(scratch.path, "ca.crt") } : {}),
    ...(proxyUrl === undefined ? {} : { "proxy-url": proxyUrl }),
  };
  const config = {
    clusters: [{ name: "a", cluster }],
    users: [{ name: "a", user }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    "current-context": "a",
  };
  await writeFile(file, JSON.stringify(config));
  return new KubeClient(await fromKubeconfig({ file }));
}

/** Gets, watches and opens a websocket, and says what came. */
async function tryAll(client: KubeClient): Promise<string[]> {
  const came: string[] = [];
  came.push((await client.get(things, { name: "a" })).metadata?.name ?? "");
  for await (const { type } of watch(client, things, { resourceVersion: "1" })) {
    came.push(type);
    break;
  }
  const websocket = await openWebSocket(client, "/exec");
  websocket.once("message", (data: Buffer) => came.push(data.toString()));
  const closed = once(websocket, "message");
  websocket.resume();
  await closed;
  websocket.terminate();
  client.close();
  return came;
}

const all = ["a", "ADDED", "hello"];
const tunnels = Array.from({ length: 3 }, () => `CONNECT ${name}:6443`);

/** Proxies of each kind, and the user that they want. */
const kinds = {
  "socks5://": (names, user) => aSocksProxy({ names, ...(user ? { user } : {}) }),
  "http://": (names, user) => anHttpProxy({ names, ...(user ? { user } : {}) }),
  "https://": (names, user) => anHttpProxy({ names, pair: proxyPair, ...(user ? { user } : {}) }),
} satisfies Record<string, (names: Record<string, number>, user: string) => Promise<Proxy>>;

const cases = (["socks5://", "http://", "https://"] as const).flatMap((kind) => [
  [kind, ""] as const,
  [kind, "jane:it's:me%"] as const,
]);

test.for(cases)(
  "a server that only the proxy finds is got, watched and talked to through %s%s",
  async ([kind, user]) => {
    await using proxy = await kinds[kind]({ [name]: front.port }, user);
    const login = user === "" ? "" : "jane:it's%3Ame%25@";
    const client = await aClient("https", `${kind}${login}127.0.0.1:${proxy.port}`);
    expect(await tryAll(client)).toEqual(all);
    expect(proxy.asked).toEqual(tunnels);
  },
);

test("a server without TLS is reached through SOCKS, too", async () => {
  await using proxy = await aSocksProxy({ names: { [name]: portOf() } });
  expect(await tryAll(await aClient("http", `socks5://127.0.0.1:${proxy.port}`))).toEqual(all);
  expect(proxy.asked).toEqual(tunnels);
});

test("of a proxy of HTTP, a server without TLS is asked for by URLs: many tunnel to nothing but TLS", async () => {
  await using proxy = await anHttpProxy({ names: { [name]: portOf() }, user: "jane:secret" });
  vi.stubEnv("HTTP_PROXY", `http://jane:secret@127.0.0.1:${proxy.port}`);
  expect(await tryAll(await aClient("http"))).toEqual(all);
  expect(proxy.asked).toEqual([
    `GET http://${name}:6443/apis/tests.example.com/v1/namespaces/default/things/a`,
    expect.stringContaining(`GET http://${name}:6443/apis/tests.example.com/v1/things?watch=true&`),
    `CONNECT ${name}:6443`,
  ]);
});

test("a proxy of HTTPS shows its certificate also where the server behind it has none", async () => {
  await using proxy = await anHttpProxy({ names: { [name]: portOf() }, pair: proxyPair });
  const client = await aClient("http", `https://127.0.0.1:${proxy.port}`);
  await expect(client.get(things, { name: "a" })).rejects.toThrow(/: proxy https:\/\/127\.0\.0\.1:\d+: .*certificate/);
  expect(proxy.asked).toEqual([]);
});

test("the environment's proxy is for who has none of his own, and not for what NO_PROXY names", async () => {
  await using proxy = await aSocksProxy({ names: { [name]: front.port } });
  vi.stubEnv("HTTPS_PROXY", `socks5://127.0.0.1:${proxy.port}`);
  expect(await tryAll(await aClient("https"))).toEqual(all);
  expect(proxy.asked).toEqual(tunnels);
  vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
  vi.stubEnv("NO_PROXY", ".behind.test");
  expect(await tryAll(await aClient("https", `socks5://127.0.0.1:${proxy.port}`))).toEqual(all);
  expect(proxy.asked).toEqual([...tunnels, ...tunnels]);
});

test("who has credentials of a program is known behind a proxy", async () => {
  await using proxy = await aSocksProxy({ names: { [name]: front.port } });
  const apiVersion = "client.authentication.k8s.io/v1";
  const credential = JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token: "secret" } });
  const exec = { apiVersion, command: "echo", args: [credential], interactiveMode: "Never" };
  ofApi.tokens.length = 0;
  expect(await tryAll(await aClient("https", `socks5://127.0.0.1:${proxy.port}`, { exec }))).toEqual(all);
  expect(ofApi.tokens).toEqual(["Bearer secret", "Bearer secret"]);
});

test("connections through a proxy are kept, and as many are made as are needed at once", async () => {
  await using proxy = await aSocksProxy({ names: { [name]: front.port } });
  const client = await aClient("https", `socks5://127.0.0.1:${proxy.port}`);
  for (let i = 0; i < 3; i += 1) await client.get(things, { name: "a" });
  expect(proxy.asked).toHaveLength(1);
  await Promise.all([1, 2, 3].map(() => client.get(things, { name: "a" })));
  expect(proxy.asked).toHaveLength(3);
  client.close();
});

test.for([
  ["socks5://", { "other.test": 1 }, "", /host unreachable \(api\.behind\.test:6443\)/],
  ["http://", { "other.test": 1 }, "", /503 Service Unavailable \(api\.behind\.test:6443\)/],
  ["socks5://", { [name]: 1 }, "jane:secret", /it wants a name and a password/],
  ["http://", { [name]: 1 }, "jane:secret", /407 Proxy Authentication Required/],
] as const)("why %s does not connect is told, without the password", async ([kind, names, user, why]) => {
  await using proxy = await kinds[kind](names, user);
  const client = await aClient("https", `${kind}127.0.0.1:${proxy.port}`);
  const error = await client.get(things, { name: "a" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NetworkError);
  expect(error).toMatchObject({ sent: false, message: expect.stringMatching(why) });
  const wrong = await aClient("https", `${kind}joe:hidden@127.0.0.1:${proxy.port}`);
  await expect(wrong.get(things, { name: "a" })).rejects.not.toThrow(/hidden/);
});

test.for(["socks5://", "http://", "https://"])("what waits for %s that says nothing ends", async (kind) => {
  const silent = createTcpServer((socket) => socket.on("error", () => {}).resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const client = await aClient("https", `${kind}127.0.0.1:${port}`);
  const timeLimit = 100;
  await expect(client.get(things, { name: "a" }, { timeLimit })).rejects.toBeInstanceOf(TimeLimitError);
  await expect(openWebSocket(client, "/exec", { timeLimit })).rejects.toBeInstanceOf(TimeLimitError);
  const enough = new Error("enough");
  for (const ask of [
    (signal: AbortSignal) => client.get(things, { name: "a" }, { signal }),
    (signal: AbortSignal) => openWebSocket(client, "/exec", { signal }),
  ]) {
    const ended = new AbortController();
    const answer = ask(ended.signal);
    await once(silent, "connection");
    ended.abort(enough);
    await expect(answer).rejects.toBe(enough);
  }
  // Nothing of it is left, or this would not come.
  silent.close();
  await once(silent, "close");
});

test("a proxy that is of no use is refused by name", async () => {
  for (const [url, why] of [
    ["socks4://127.0.0.1:1", /invalid proxy-url "socks4:.*": unsupported scheme "socks4", must be http, https, or/],
    ["127.0.0.1:1", /invalid proxy-url "127\.0\.0\.1:1": could not parse/],
  ] as const) {
    await expect(aClient("https", url)).rejects.toThrow(why);
  }
});
