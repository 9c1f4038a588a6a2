import { once } from "node:events";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { openWebSocket } from "../../../api/kube/client/websocket.ts";
import type { Credentials } from "../../../api/kube/credentials/credentials.ts";
import { inCluster } from "../../../api/kube/credentials/in-cluster.ts";
import { loadCredentials } from "../../../api/kube/credentials/load.ts";
import { connect } from "../../../cli/connect.ts";
import type { GlobalFlags } from "../../../cli/flags/global-flags.ts";
import { Pki } from "../../../cluster/pki.ts";
import { DaemonClient } from "../../../controller/api-server/daemon-client.ts";
import { pause } from "../../controller/pause-request.ts";

/* Whom our clients believe to be the API server, or a node's daemon: who has a certificate of their authority. */

const name = "127.0.0.1";
let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
/** One that has a certificate of the authority, one that has one of another, and one whose certificate is for another name. */
const ports = { right: 0, foreign: 0, renamed: 0 };
const servers: Server[] = [];
let ca = "";
let pki: Pki;

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), "server-certificate-"));
  pki = new Pki(join(scratch.path, "pki"));
  ({ certificate: ca } = await pki.authority("ca"));
  ports.right = await aServer("right", "ca", name);
  ports.foreign = await aServer("foreign", "another-ca", name);
  ports.renamed = await aServer("renamed", "ca", "127.0.0.2");
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  for (const server of servers) server.close();
  await scratch[Symbol.asyncDispose]();
});

/** A server that answers everything, and takes websockets. */
async function aServer(file: string, authority: string, madeOutTo: string): Promise<number> {
  const pair = await pki.issue(file, authority, { commonName: file, names: [madeOutTo] });
  const server = createServer({ cert: pair.certificate, key: pair.key }, (_, response) => response.end("{}"));
  new WebSocketServer({ server }).on("connection", (socket) => socket.close());
  servers.push(server);
  server.listen(0, name);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** The path of a kubeconfig of a server. */
async function aKubeconfig(port: number, cluster: object = {}): Promise<string> {
  const authority = { "certificate-authority-data": Buffer.from(ca).toString("base64") };
  const server = `https://${name}:${port}`;
  const config = {
    clusters: [{ name: "a", cluster: { server, ...authority, ...cluster } }],
    users: [{ name: "a", user: { token: "secret" } }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    "current-context": "a",
  };
  const file = join(scratch.path, "kubeconfig");
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** What comes of a request and of a websocket: `done`, or the code of what is wrong with the certificate. */
async function outcomes(client: KubeClient): Promise<string[]> {
  const answers = await Promise.all([
    codeOf(client.raw("GET", "/version")),
    codeOf(openWebSocket(client, "/watch").then((socket) => socket.terminate())),
  ]);
  client.close();
  return answers;
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "done";
  } catch (error) {
    for (let at = error; at instanceof Error; at = at.cause)
      if ("code" in at && typeof at.code === "string") return at.code;
    return String(error);
  }
}

/** A command's client. */
const command = async (port: number, flags: GlobalFlags = {}, cluster: object = {}): Promise<KubeClient> =>
  connect({ kubeconfig: await aKubeconfig(port, cluster), ...flags }, () => {});

/** A program's, in a pod or by a kubeconfig. */
const clientOf = (credentials: Credentials): KubeClient => new KubeClient(credentials);
const programWith = async (port: number, cluster: object = {}): Promise<KubeClient> =>
  clientOf(await loadCredentials({ file: await aKubeconfig(port, cluster) }));
async function programIn(port: number): Promise<KubeClient> {
  for (const [file, text] of [
    ["token", "secret"],
    ["ca.crt", ca],
    ["namespace", "kubevirt"],
  ] as const) {
    await writeFile(join(scratch.path, file), text);
  }
  const env = { KUBERNETES_SERVICE_HOST: name, KUBERNETES_SERVICE_PORT: String(port) };
  return clientOf(await inCluster({ folder: scratch.path, env }));
}

const clients = { command, "program by a kubeconfig": programWith, "program in a pod": programIn };
type Client = keyof typeof clients;

const bad = [
  ["foreign", /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/],
  ["renamed", /^ERR_TLS_CERT_ALTNAME_INVALID$/],
] as const;

test.for(Object.keys(clients) as Client[])(
  "a %s takes the API server whose certificate is of its authority",
  async (who) => {
    expect(await outcomes(await clients[who](ports.right))).toEqual(["done", "done"]);
  },
);

test.for((Object.keys(clients) as Client[]).flatMap((who) => bad.map(([which, code]) => [who, which, code] as const)))(
  "a %s takes none whose certificate is %s, whatever the environment says",
  async ([who, which, code]) => {
    const refused = [expect.stringMatching(code), expect.stringMatching(code)];
    expect(await outcomes(await clients[who](ports[which]))).toEqual(refused);
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    expect(await outcomes(await clients[who](ports[which]))).toEqual(refused);
  },
);

test("a command is told by its kubeconfig, or its flag, not to check it", async () => {
  const insecure = { "insecure-skip-tls-verify": true };
  for (const port of [ports.foreign, ports.renamed]) {
    // As with kubectl, with an authority to check it by it would not say both.
    const none = { ...insecure, "certificate-authority-data": undefined };
    expect(await outcomes(await command(port, {}, none))).toEqual(["done", "done"]);
    expect(await outcomes(await command(port, { insecureSkipTlsVerify: true }))).toEqual(["done", "done"]);
  }
});

test("a program is not", async () => {
  const insecure = { "insecure-skip-tls-verify": true };
  await expect(programWith(ports.right, insecure)).rejects.toThrow("has insecure-skip-tls-verify in the kubeconfig");
});

test("the controller speaks with no daemon whose certificate is not of its authority, whatever the environment says", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  const own = await pki.issue("controller", "ca", { commonName: "virt-controller" });
  const tls = { ca, cert: own.certificate, key: own.key };
  for (const [which, reason] of [
    ["foreign", /self-signed certificate in certificate chain|unable to verify the first certificate/],
    ["renamed", /Hostname\/IP does not match certificate's altnames: Host: node-1\.virt-node-daemon\./],
  ] as const) {
    const daemons = { find: () => ({ address: name, serverName: "node-1.virt-node-daemon" }) };
    const client = new DaemonClient({ daemons, tls: () => tls, port: ports[which] });
    const sent = client.send("node-1", pause, AbortSignal.timeout(20_000));
    await expect(sent).rejects.toThrow(reason);
    client.close();
  }
});
