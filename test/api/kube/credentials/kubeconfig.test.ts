import { once } from "node:events";
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { KubeClient } from "../../../../api/kube/client/client.ts";
import { openWebSocket } from "../../../../api/kube/client/websocket.ts";
import { fromKubeconfig } from "../../../../api/kube/credentials/kubeconfig.ts";
import { Pki } from "../../../../cluster/pki.ts";
import { aThing, things } from "../http-server.ts";
import { aSocksProxy } from "../proxy/proxies.ts";

let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
const server = createServer();
/** The tokens that were shown, and those that are taken. */
let shown: (string | undefined)[] = [];
let taken: readonly string[] = [];

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), "kubeconfig-"));
  const { certificate, key } = await new Pki(scratch.path).issue("server", "ca", {
    commonName: "s",
    names: ["127.0.0.1"],
  });
  server.setSecureContext({ cert: certificate, key });
  server.on("request", ({ headers }, answer) => {
    const token = headers.authorization?.replace("Bearer ", "");
    shown.push(token);
    const code = taken.includes(token ?? "") ? 200 : 401;
    answer.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(aThing("a")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await scratch[Symbol.asyncDispose]();
});
beforeEach(async () => {
  shown = [];
  await writeFile(join(scratch.path, "count"), "");
});

/** A client whose credentials a user of a kubeconfig has. */
async function aClient(user: object, cluster: object = {}): Promise<KubeClient> {
  const file = join(scratch.path, "kubeconfig");
  const { port } = server.address() as AddressInfo;
  const config = {
    clusters: [
      { name: "a", cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority": "ca.crt", ...cluster } },
    ],
    users: [{ name: "a", user }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    "current-context": "a",
  };
  await writeFile(file, JSON.stringify(config));
  return new KubeClient(await fromKubeconfig({ file }));
}

/** A user whose program tells the tokens `token-1`, `token-2`, …, each ending at a time. */
const counting = (end?: string): object => {
  const status = end === undefined ? "" : `"expirationTimestamp":"${end}",`;
  const apiVersion = "client.authentication.k8s.io/v1";
  const script = `echo >> ${scratch.path}/count; printf '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{${status}"token":"token-%d"}}' $(wc -l < ${scratch.path}/count)`;
  return { exec: { apiVersion, command: "sh", args: ["-c", script], interactiveMode: "Never" } };
};

const get = (client: KubeClient) => client.get(things, { name: "a" });

test("a program is asked once for all requests, and again when its token is refused", async () => {
  taken = ["token-1"];
  const client = await aClient(counting());
  await Promise.all([get(client), get(client), get(client)]);
  await get(client);
  expect(shown).toEqual(["token-1", "token-1", "token-1", "token-1"]);
  taken = ["token-2"];
  await get(client);
  expect(shown.slice(4)).toEqual(["token-1", "token-2"]);
  taken = [];
  await expect(get(client)).rejects.toMatchObject({ isUnauthorized: true });
  expect(shown.slice(6)).toEqual(["token-2", "token-3"]);
  client.close();
});

test.for([
  ["2001-01-01T00:00:00Z", ["token-1", "token-2"]],
  ["2999-01-01T00:00:00Z", ["token-1", "token-1"]],
] as const)("a token that ends at %s is shown until then", async ([end, tokens]) => {
  taken = ["token-1", "token-2"];
  const client = await aClient(counting(end));
  await get(client);
  await get(client);
  expect(shown).toEqual(tokens);
  client.close();
});

test("a program is not asked where there is another token", async () => {
  taken = ["own"];
  const client = await aClient({ ...counting(), token: "own" });
  await get(client);
  expect(shown).toEqual(["own"]);
  expect(await readFile(join(scratch.path, "count"), "utf8")).toBe("");
  client.close();
});

test.for([
  { name: "api.behind.test", proxied: true },
  { name: "127.0.0.1", proxied: false },
])("a program that wants to know of the cluster is given its proxy: $proxied", async ({ name, proxied }) => {
  const { port } = server.address() as AddressInfo;
  await using proxy = await aSocksProxy({ names: { [name]: port } });
  const proxyFields = proxied ? { "proxy-url": `socks5://127.0.0.1:${proxy.port}` } : {};
  const address = { server: `https://${name}:${port}`, "tls-server-name": "127.0.0.1" };
  const apiVersion = "client.authentication.k8s.io/v1";
  const script = `printenv KUBERNETES_EXEC_INFO > "${scratch.path}/info"; printf '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"own"}}'`;
  const exec = { apiVersion, command: "sh", args: ["-c", script], interactiveMode: "Never", provideClusterInfo: true };
  taken = ["own"];
  const client = await aClient({ exec }, { ...address, ...proxyFields });
  await get(client);
  client.close();
  expect(proxy.asked).toEqual(proxied ? [`CONNECT ${name}:${port}`] : []);
  const authority = (await readFile(join(scratch.path, "ca.crt"))).toString("base64");
  expect(JSON.parse(await readFile(join(scratch.path, "info"), "utf8"))).toEqual({
    kind: "ExecCredential",
    apiVersion,
    spec: {
      cluster: { ...address, ...proxyFields, "certificate-authority-data": authority, config: null },
      interactive: false,
    },
  });
});

test("a token's file is read again when its token is refused", async () => {
  await writeFile(join(scratch.path, "token"), "one\n");
  taken = ["two"];
  const client = await aClient({ tokenFile: "token" });
  await expect(get(client)).rejects.toMatchObject({ isUnauthorized: true });
  await writeFile(join(scratch.path, "token"), "two\n");
  await get(client);
  expect(shown).toEqual(["one", "one", "two"]);
  client.close();
});

test("an address that the server's certificate has to have is checked, for websockets too", async () => {
  taken = ["own"];
  const right = await aClient({ token: "own" }, { "tls-server-name": "127.0.0.1" });
  await get(right);
  await expect(openWebSocket(right, "/exec")).rejects.toMatchObject({ code: 200 });
  const wrong = await aClient({ token: "own" }, { "tls-server-name": "10.9.8.7" });
  await expect(get(wrong)).rejects.toThrow(/10\.9\.8\.7 is not in the cert's list/);
  await expect(openWebSocket(wrong, "/exec")).rejects.toThrow(/10\.9\.8\.7 is not in the cert's list/);
  expect(shown).toEqual(["own", "own"]);
  right.close();
  wrong.close();
});
