import { once } from "node:events";
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { ConfigurationError } from "../../../api/kube/client/errors.ts";
import { inCluster } from "../../../api/kube/credentials/in-cluster.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import type { KubeObject } from "../../../api/kube/resources/object.ts";
import type { Resource } from "../../../api/kube/resources/resource.ts";
import { cluster, useNamespace } from "../cluster.ts";
import { configMaps } from "./kube.ts";

const namespace = useNamespace("credentials");

interface Kubeconfig {
  clusters: [{ name: string; cluster: Record<string, unknown> }];
  users: [{ name: string; user: Record<string, unknown> }];
  contexts: { name: string; context: Record<string, unknown> }[];
}

/** The administrator's kubeconfig, changed and written to a folder. */
async function aKubeconfig(folder: string, change: (config: Kubeconfig) => void): Promise<string> {
  const config: Kubeconfig = parse(await readFile(cluster.kubeconfig, "utf8"));
  change(config);
  const file = join(folder, "kubeconfig");
  await writeFile(file, stringify(config));
  return file;
}

const aToken = (): Promise<string> => namespace.kubectl("create", "token", "default");

interface Review extends KubeObject {
  status?: { userInfo?: { username?: string } };
}

/** Who the API server takes us for. */
async function whoAmI(client: KubeClient): Promise<string> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const reviews: Resource<Review> = {
    group: "authentication.k8s.io",
    version: "v1",
    plural: "selfsubjectreviews",
    kind: "SelfSubjectReview",
    namespaced: false,
  };
  const answer = await client.create(reviews, review);
  client.close();
  return answer.status?.userInfo?.username ?? "";
}

const serviceAccount = `system:serviceaccount:${namespace.name}:default`;

test("a kubeconfig with a client certificate", async () => {
  const credentials = await fromKubeconfig({ file: cluster.kubeconfig });
  expect(await whoAmI(new KubeClient(credentials))).toBe("admin");
  expect(credentials.namespace).toBe("default");
});

test("a kubeconfig with a token and a namespace, in a context that is named", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "kubeconfig-"));
  const token = await aToken();
  const file = await aKubeconfig(scratch.path, ({ users: [user], contexts }) => {
    user.user = { token };
    contexts.push({ name: "other", context: { ...contexts[0]!.context, namespace: namespace.name } });
  });
  const client = new KubeClient(await fromKubeconfig({ file, context: "other" }));
  expect(client.namespace).toBe(namespace.name);
  expect(await whoAmI(client)).toBe(serviceAccount);
});

test("a kubeconfig with a program that tells the token", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "kubeconfig-"));
  const apiVersion = "client.authentication.k8s.io/v1";
  const credential = JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token: await aToken() } });
  const file = await aKubeconfig(scratch.path, ({ users: [user] }) => {
    user.user = { exec: { apiVersion, command: "echo", args: [credential], interactiveMode: "Never" } };
  });
  expect(await whoAmI(new KubeClient(await fromKubeconfig({ file })))).toBe(serviceAccount);
});

test("a kubeconfig with a proxy", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "kubeconfig-"));
  const tunnels: string[] = [];
  const proxy = createServer().on("connect", ({ url = "" }, socket) => {
    tunnels.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const server = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      server.pipe(socket).pipe(server);
    });
    server.on("error", () => socket.destroy());
    socket.on("error", () => server.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as { port: number };
  const file = await aKubeconfig(scratch.path, ({ clusters: [entry] }) => {
    entry.cluster["proxy-url"] = `http://127.0.0.1:${port}`;
  });
  expect(await whoAmI(new KubeClient(await fromKubeconfig({ file })))).toBe("admin");
  expect(tunnels).toHaveLength(1);
  proxy.close();
  proxy.closeAllConnections();
});

test("a kubeconfig that leads nowhere says what is wrong with it", async () => {
  const wrong = fromKubeconfig({ file: cluster.kubeconfig, context: "nowhere" });
  await expect(wrong).rejects.toThrow(/context "nowhere" does not exist; the kubeconfig has \w+/);
  await expect(fromKubeconfig({ file: "/nonexistent" })).rejects.toBeInstanceOf(ConfigurationError);
});

test("a pod's service account, whose token is replaced while we run", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "account-"));
  const { server, tls } = await fromKubeconfig({ file: cluster.kubeconfig }).then(async (credentials) => ({
    server: credentials.server,
    tls: (await credentials.access()).tls,
  }));
  await writeFile(join(scratch.path, "ca.crt"), String(tls.ca));
  await writeFile(join(scratch.path, "namespace"), namespace.name);
  await writeFile(join(scratch.path, "token"), "not a token");
  const env = { KUBERNETES_SERVICE_HOST: server.hostname, KUBERNETES_SERVICE_PORT: server.port };
  const client = new KubeClient(await inCluster({ folder: scratch.path, env }));
  await expect(client.list(configMaps, { namespace: namespace.name })).rejects.toMatchObject({ isUnauthorized: true });
  await writeFile(join(scratch.path, "token"), await aToken());
  expect(await whoAmI(client)).toBe(serviceAccount);
  await expect(client.list(configMaps, { namespace: namespace.name })).rejects.toMatchObject({ isForbidden: true });
});

test("a certificate that nobody signed whom we trust is refused before anything is sent", async () => {
  const credentials = await fromKubeconfig({ file: cluster.kubeconfig });
  const access = { headers: {}, tls: {} };
  const client = new KubeClient({
    ...credentials,
    server: credentials.server,
    namespace: "default",
    access: async () => access,
  });
  await expect(client.list(configMaps)).rejects.toMatchObject({ name: "NetworkError", sent: false });
});
