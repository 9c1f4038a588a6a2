import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { watch } from "../../../api/kube/client/watch.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { environmentCases, proxy as nowhere } from "../../api/kube/proxy/environment-cases.ts";
import { anHttpProxy, aSocksProxy } from "../../api/kube/proxy/proxies.ts";
import { cluster, useNamespace } from "../cluster.ts";
import { aConfigMap, configMaps } from "./kube.ts";
import { kubectl } from "./kubectl.ts";

const namespace = useNamespace("proxy");

/** A name that no resolver has. */
const name = "api.behind.test";

/** The administrator's kubeconfig, of a server that only a proxy finds. */
async function aKubeconfig(folder: string, proxyUrl: string): Promise<string> {
  const config = parse(await readFile(cluster.kubeconfig, "utf8"));
  const [{ cluster: entry }] = config.clusters;
  entry["tls-server-name"] = new URL(entry.server).hostname;
  entry.server = `https://${name}`;
  entry["proxy-url"] = proxyUrl;
  const file = join(folder, "kubeconfig");
  await writeFile(file, stringify(config));
  return file;
}

test.for([
  ["socks5", aSocksProxy],
  ["http", anHttpProxy],
] as const)(
  "behind %s, where only the proxy finds the server, we reach it as kubectl does",
  async ([scheme, start]) => {
    await using scratch = await mkdtempDisposable(join(tmpdir(), "proxy-"));
    const port = Number((await fromKubeconfig({ file: cluster.kubeconfig })).server.port);
    await using proxy = await start({ names: { [name]: port } });
    const file = await aKubeconfig(scratch.path, `${scheme}://127.0.0.1:${proxy.port}`);
    const client = new KubeClient(await fromKubeconfig({ file }));
    const created = await client.create(configMaps, aConfigMap(namespace.name, scheme));
    const get = ["get", "configmap", scheme, "--namespace", namespace.name, "--output=name", "--kubeconfig", file];
    expect(await kubectl(get)).toMatchObject({ code: 0, stdout: `configmap/${scheme}` });
    const { resourceVersion = "" } = created.metadata ?? {};
    await client.delete(configMaps, { namespace: namespace.name, name: scheme });
    for await (const { type, object } of watch(client, configMaps, { namespace: namespace.name, resourceVersion })) {
      if (type === "DELETED" && object.metadata?.name === scheme) break;
    }
    client.close();
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${name}:443`]));
  },
);

// test/api/kube/proxy/environment.test.ts asks us the same.
test.for(environmentCases)("with %j, kubectl reaches %s by way of the proxy: %s", async ([env, server, isProxied]) => {
  const ask = [`--server=${server}`, "--token=none", "get", "--raw=/version"];
  const { stderr } = await kubectl(ask, { env, alone: true });
  expect(stderr).toMatch(/connect: (network is unreachable|cannot assign requested address)/);
  expect(stderr.includes(nowhere)).toBe(isProxied);
});
