import { afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { KubeClient } from "../../../api/kube/client/client.ts";
import type { FinishedRequest } from "../../../api/kube/client/client-options.ts";
import { ApiError } from "../../../api/kube/client/errors.ts";
import { Reflector, type ReflectorOptions } from "../../../api/kube/controller/reflector.ts";
import { cluster, eventually, useNamespace } from "../cluster.ts";
import { HttpProxy } from "./http-proxy.ts";
import {
  aClient,
  aConfigMap,
  administrator,
  type ConfigMap,
  configMaps,
  equalsFreshList,
  killApiServer,
  mend,
  seeded,
} from "./kube.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const { name: namespace } = useNamespace("reflector");
let direct: KubeClient;

beforeAll(async () => {
  direct = await aClient();
});

afterEach(async () => {
  await direct.raw("DELETE", `/api/v1/namespaces/${namespace}/configmaps`);
});

/** A reflector that runs while the test does, and what it logged. */
function reflecting(client: KubeClient, options: ReflectorOptions<ConfigMap> = {}) {
  const abort = new AbortController();
  const logged: string[] = [];
  const reflector = new Reflector(client, configMaps, {
    namespace,
    log: (_level, message) => logged.push(message),
    ...options,
  });
  const ended = reflector.run(abort.signal);
  onTestFinished(async () => {
    abort.abort();
    await ended;
    client.close();
  });
  return { reflector, logged, lists: () => logged.filter((message) => message === "listed").length };
}

/** A client through a proxy that counts its requests. */
async function counted(server: URL): Promise<{ client: KubeClient; requests: FinishedRequest[] }> {
  const requests: FinishedRequest[] = [];
  const client = await aClient({ server, onRequest: (request) => requests.push(request) });
  return { client, requests };
}

async function aProxy(): Promise<TcpProxy> {
  const proxy = await TcpProxy.start((await administrator()).server);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

/** Makes, changes and deletes objects at random; a failure is tried again while the API server is away. */
async function churn(steps: number, seed: number, between: (step: number) => unknown = () => {}): Promise<void> {
  const random = seeded(seed);
  const present = new Set<string>();
  for (let step = 0; step < steps; step += 1) {
    const name = `churn-${Math.floor(random() * 40)}`;
    const drop = present.has(name) && random() < 0.3;
    await eventually(async () => {
      if (drop) await direct.delete(configMaps, { namespace, name }).catch(ignoreNotFound);
      else await direct.apply(configMaps, aConfigMap(namespace, name, { step: String(step) }), { force: true });
    }, 120_000);
    if (drop) present.delete(name);
    else present.add(name);
    await between(step);
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof ApiError) || !error.isNotFound) throw error;
}

describe("a reflector", () => {
  test("knows what there is after the first list, page by page, and then each change", async () => {
    const count = 620;
    let next = 0;
    const fill = async (): Promise<void> => {
      while (next < count) await direct.create(configMaps, aConfigMap(namespace, `page-${(next += 1)}`));
    };
    await Promise.all(Array.from({ length: 16 }, fill));
    // One more: each namespace has this, sooner or later.
    await eventually(() => direct.get(configMaps, { namespace, name: "kube-root-ca.crt" }));
    const { reflector } = reflecting(await aClient());
    await reflector.synced;
    expect(reflector.store.size).toBe(count + 1);
    const changed = Promise.withResolvers<string>();
    reflector.store.subscribe(({ key }) => changed.resolve(key));
    await direct.mergePatch(configMaps, { namespace, name: "page-1" }, { data: { a: "b" } });
    expect(await changed.promise).toBe(`${namespace}/page-1`);
    expect(reflector.store.get(`${namespace}/page-1`)).toMatchObject({ kind: "ConfigMap", data: { a: "b" } });
    expect(reflector.store.get(`${namespace}/page-1`)?.metadata?.managedFields).toBeUndefined();
  });

  test("selects by labels, and drops what loses its label", async () => {
    const { reflector } = reflecting(await aClient(), { labelSelector: "app in (a,b)" });
    await reflector.synced;
    const labelled = aConfigMap(namespace, "labelled");
    await direct.create(configMaps, { ...labelled, metadata: { ...labelled.metadata, labels: { app: "a" } } });
    await direct.create(configMaps, aConfigMap(namespace, "other"));
    await eventually(async () => expect([...reflector.store.keys()]).toEqual([`${namespace}/labelled`]));
    await direct.mergePatch(configMaps, { namespace, name: "labelled" }, { metadata: { labels: { app: "c" } } });
    await eventually(async () => expect(reflector.store.size).toBe(0));
  });

  test("selects by fields", async () => {
    const { reflector } = reflecting(await aClient(), { fieldSelector: "metadata.name=this" });
    await reflector.synced;
    await direct.create(configMaps, aConfigMap(namespace, "that"));
    await direct.create(configMaps, aConfigMap(namespace, "this"));
    await eventually(async () => expect([...reflector.store.keys()]).toEqual([`${namespace}/this`]));
  });
});

describe("a reflector misses nothing", () => {
  test("while its connections are cut again and again", async () => {
    const proxy = await aProxy();
    const { client, requests } = await counted(proxy.url);
    const { reflector, lists } = reflecting(client, { backoff: { base: 20, max: 200 } });
    await reflector.synced;
    let cuts = 0;
    await churn(300, 1, (step) => {
      if (step % 10 !== 5) return;
      proxy.cut();
      cuts += 1;
    });
    await equalsFreshList(reflector.store, direct, namespace);
    // It resumes where it was. A connection that was cut while the answer came is one request that failed.
    expect(lists()).toBe(1);
    expect(requests.length).toBeLessThanOrEqual(2 * cuts + 5);
  });

  test("while its connection is frozen", async () => {
    const proxy = await aProxy();
    const { client, requests } = await counted(proxy.url);
    const { reflector, logged, lists } = reflecting(client, { stall: 500 });
    await eventually(async () => expect(requests.some(({ path }) => path.includes("watch=true"))).toBe(true));
    proxy.freeze();
    await churn(30, 2);
    await eventually(async () => expect(logged).toContain("watch failed"));
    proxy.heal();
    await equalsFreshList(reflector.store, direct, namespace);
    expect(lists()).toBe(1);
  });

  test("while connections are refused, which it does not try without end", async () => {
    const proxy = await aProxy();
    const { client } = await counted(proxy.url);
    const { reflector } = reflecting(client);
    await reflector.synced;
    const before = proxy.connections;
    const started = performance.now();
    proxy.refuse();
    await churn(100, 3);
    await eventually(async () => expect(proxy.connections - before).toBeGreaterThan(8));
    const seconds = (performance.now() - started) / 1000;
    expect((proxy.connections - before) / seconds).toBeLessThan(10);
    proxy.heal();
    await equalsFreshList(reflector.store, direct, namespace);
  });

  test.for(["end", "reset"] as const)("when a proxy ends each watch at once (%s), at a bounded rate", async (fate) => {
    await using proxy = await HttpProxy.start(await administrator());
    const { reflector, lists } = reflecting(new KubeClient(proxy.credentials), {
      backoff: { base: 50, max: 400, random: () => 0 },
    });
    await reflector.synced;
    proxy.watches = fate;
    // The watch that is there; the next one is of the kind that ends.
    proxy.closeAll();
    const from = proxy.asked.length;
    await churn(20, 4);
    await eventually(async () => expect(proxy.asked.length - from).toBeGreaterThanOrEqual(6));
    const times = proxy.asked.slice(from, from + 6);
    // It waits 25 + 50 + 100 + 200 + 200 ms between them, less what clocks are apart.
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(550);
    proxy.watches = "pass";
    await equalsFreshList(reflector.store, direct, namespace);
    expect(lists()).toBe(1);
  });

  test("while the API server is killed and comes back", async () => {
    const { client, requests } = await counted((await administrator()).server);
    const { reflector } = reflecting(client);
    await reflector.synced;
    const mended = Promise.withResolvers<void>();
    await churn(200, 5, async (step) => {
      if (step !== 50) return;
      await killApiServer();
      mend().then(mended.resolve, mended.reject);
    });
    await mended.promise;
    await equalsFreshList(reflector.store, direct, namespace);
    expect(requests.length).toBeLessThan(60);
  });

  test("when the version it knows is compacted away: it lists again", async () => {
    const proxy = await aProxy();
    const { client } = await counted(proxy.url);
    const { reflector, logged, lists } = reflecting(client);
    await churn(40, 6);
    await reflector.synced;
    proxy.refuse();
    const gone = aConfigMap(namespace, "gone-unseen");
    await direct.create(configMaps, gone);
    await churn(40, 7);
    await direct.delete(configMaps, { namespace, name: "gone-unseen" });
    const { metadata } = await direct.list(configMaps, { namespace, limit: 1 });
    const request = JSON.stringify({ revision: metadata.resourceVersion, physical: true });
    const url = "http://127.0.0.1:2379/v3/kv/compaction";
    await cluster.controlPlane.run(["curl", "--silent", "--fail", "--show-error", "--data", request, url]);
    // The API server remembers events by itself; a new one has only what etcd has.
    await killApiServer();
    await mend();
    proxy.heal();
    await equalsFreshList(reflector.store, direct, namespace);
    expect(logged).toContain("listing again, the version is not known any more");
    expect(lists()).toBe(2);
  });
});
