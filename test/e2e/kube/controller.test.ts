import { beforeAll, expect, onTestFinished, test } from "vitest";
import type { KubeClient } from "../../../api/kube/client/client.ts";
import { ApiError } from "../../../api/kube/client/errors.ts";
import { Controller, type Outcome, type Result } from "../../../api/kube/controller/controller.ts";
import { Reflector } from "../../../api/kube/controller/reflector.ts";
import { controlledBy, itself, owner } from "../../../api/kube/controller/source.ts";
import { splitKey } from "../../../api/kube/resources/object.ts";
import { eventually, useNamespace } from "../cluster.ts";
import { aClient, aConfigMap, administrator, type ConfigMap, configMaps, killApiServer, mend } from "./kube.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const { name: namespace } = useNamespace("controller");
const finalizer = "tests.example.com/child";
let direct: KubeClient;

beforeAll(async () => {
  direct = await aClient();
});

/** A controller that gives each ConfigMap with the label `role: parent` a child with the same data. */
function aController(client: KubeClient) {
  const abort = new AbortController();
  const parents = new Reflector(client, configMaps, { namespace, labelSelector: "role=parent" });
  const children = new Reflector(client, configMaps, { namespace, labelSelector: "role=child" });
  const results: Result[] = [];

  async function reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const parent = parents.store.get(key);
    if (!parent) return "done";
    const { name } = splitKey(key);
    const child = { namespace, name: `${name}-child` };
    if (parent.metadata?.deletionTimestamp) {
      await client.delete(configMaps, child, { signal }).catch((error: unknown) => {
        if (!(error instanceof ApiError) || !error.isNotFound) throw error;
      });
      await client.update(configMaps, withFinalizers(parent, []), { signal });
      return "done";
    }
    if (!parent.metadata?.finalizers?.includes(finalizer)) {
      await client.update(configMaps, withFinalizers(parent, [finalizer]), { signal });
      return "done";
    }
    const present = children.store.get(`${namespace}/${child.name}`);
    if (JSON.stringify(present?.data) === JSON.stringify(parent.data)) return "done";
    const desired = aConfigMap(namespace, child.name, parent.data);
    const metadata = {
      ...desired.metadata,
      labels: { role: "child" },
      ownerReferences: [controlledBy(parent, configMaps)],
    };
    await client.apply(configMaps, { ...desired, metadata }, { signal, force: true });
    return "done";
  }

  const controller = new Controller({
    name: "children",
    reconcile,
    sources: [itself(parents), owner(children, configMaps)],
    backoff: { base: 20, max: 1000 },
    metrics: { reconciled: (_controller, result) => results.push(result) },
  });
  const ended = Promise.all([parents.run(abort.signal), children.run(abort.signal), controller.run(abort.signal)]);
  onTestFinished(async () => {
    abort.abort();
    await ended;
    client.close();
  });
  return { results, controller };
}

function withFinalizers(object: ConfigMap, finalizers: string[]): ConfigMap {
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

function aParent(name: string, data: Record<string, string>): ConfigMap {
  const parent = aConfigMap(namespace, name, data);
  return { ...parent, metadata: { ...parent.metadata, labels: { role: "parent" } } };
}

const childrenNow = async (): Promise<Record<string, unknown>> => {
  const { items } = await direct.list(configMaps, { namespace, labelSelector: "role=child" });
  return Object.fromEntries(items.map(({ metadata, data }) => [metadata?.name, data]));
};

const remove = (name: string): Promise<unknown> => direct.delete(configMaps, { namespace, name });

test("a controller makes, mends and removes what it owns, and leaves the fields of others", async () => {
  aController(await aClient());
  await direct.create(configMaps, aParent("a", { x: "1" }));
  await eventually(async () => expect(await childrenNow()).toEqual({ "a-child": { x: "1" } }));
  await direct.mergePatch(configMaps, { namespace, name: "a" }, { data: { x: "2" } });
  await eventually(async () => expect(await childrenNow()).toEqual({ "a-child": { x: "2" } }));
  await remove("a-child");
  await eventually(async () => expect(await childrenNow()).toEqual({ "a-child": { x: "2" } }));
  await direct.mergePatch(configMaps, { namespace, name: "a-child" }, { data: { x: "meddled", y: "with" } });
  await eventually(async () => expect(await childrenNow()).toEqual({ "a-child": { x: "2", y: "with" } }));
  await remove("a");
  await eventually(async () => expect(await childrenNow()).toEqual({}));
});

test("the world comes right although connections are cut and the API server is killed", async () => {
  await using proxy = await TcpProxy.start((await administrator()).server);
  const { results, controller } = aController(await aClient({ server: proxy.url }));
  const names = Array.from({ length: 30 }, (_, index) => `p${index}`);
  for (const [index, name] of names.entries()) {
    await direct.create(configMaps, aParent(name, { index: String(index) }));
    if (index % 5 === 0) proxy.cut();
  }
  await killApiServer();
  await mend();
  for (const name of names.slice(0, 10)) await remove(name);
  proxy.cut();
  const expected = Object.fromEntries(
    names.slice(10).map((name, index) => [`${name}-child`, { index: String(index + 10) }]),
  );
  await eventually(async () => expect(await childrenNow()).toEqual(expected));
  await eventually(async () => expect(controller.load).toEqual({ waiting: 0, delayed: 0, active: 0 }));
  expect(results.length).toBeLessThan(600);
  await Promise.all(names.slice(10).map(remove));
  await eventually(async () => expect(await childrenNow()).toEqual({}));
});
