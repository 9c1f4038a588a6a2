import { beforeAll, describe, expect, test } from "vitest";
import { KubeClient } from "../../../api/kube/client/client.ts";
import type { RawOptions } from "../../../api/kube/client/client-options.ts";
import { keepAll, listAll } from "../../../api/kube/client/list-all.ts";
import type { KubeObject } from "../../../api/kube/resources/object.ts";
import { metadataOf } from "../../../api/kube/resources/resource.ts";
import { cluster, eventually, useNamespace } from "../cluster.ts";
import { aClient, aConfigMap, administrator, type ConfigMap, configMaps, killApiServer, mend } from "./kube.ts";

const { name: namespace } = useNamespace("list-all");
/** Of what is there from the start on, small and large in turns: what comes to a few hundred kilobytes is large. */
const large = 40;
const small = 600;
let direct: KubeClient;

beforeAll(async () => {
  direct = await aClient();
  let next = 0;
  const fill = async (): Promise<void> => {
    while (next < large + small) {
      const number = (next += 1);
      // In the order of their names, in which they are listed.
      const name = `kept-${String(number).padStart(4, "0")}`;
      const isLarge = number % 16 === 0;
      await direct.create(configMaps, aConfigMap(namespace, name, { text: "x".repeat(isLarge ? 500_000 : 10) }));
    }
  };
  await Promise.all(Array.from({ length: 16 }, fill));
  // Each namespace has this, sooner or later.
  await eventually(() => direct.get(configMaps, { namespace, name: "kube-root-ca.crt" }));
});

const namesOf = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata?.name ?? "");
const kept = (objects: readonly KubeObject[]): string[] => namesOf(objects).filter((name) => name.startsWith("kept-"));
const everything = Array.from({ length: large + small }, (_, index) => `kept-${String(index + 1).padStart(4, "0")}`);

/** A client that has something done before it goes on with a list. */
class Interrupted extends KubeClient {
  readonly pages: string[] = [];
  before: () => Promise<unknown> = async () => {};

  override async stream(path: string, options?: RawOptions): ReturnType<KubeClient["stream"]> {
    if (this.pages.push(path) > 1) await this.before();
    return super.stream(path, options);
  }
}

describe("all of a list", () => {
  test("comes in pages, and none is there twice or missing", async () => {
    const client = new Interrupted(await administrator());
    const sizes = await keepAll(client, configMaps, {
      namespace,
      keep: ({ metadata, data }) => [metadata?.name, data?.text?.length] as const,
    });
    const found = new Map(sizes.items);
    expect(found.size).toBe(sizes.items.length);
    for (const [index, name] of everything.entries()) {
      expect(found.get(name), name).toBe((index + 1) % 16 === 0 ? 500_000 : 10);
    }
    // Smaller ones where there is much in them.
    expect(client.pages.length).toBeGreaterThan(2);
    client.close();
  });

  test("is as of one time, whatever is made and deleted meanwhile", async () => {
    const client = new Interrupted(await administrator());
    const names = (word: string): string[] => Array.from({ length: 10 }, (_, number) => `kept-${word}-${number}`);
    await Promise.all(names("0000-old").map((name) => direct.create(configMaps, aConfigMap(namespace, name))));
    client.before = async () => {
      client.before = async () => {};
      await Promise.all(names("0000-old").map((name) => direct.delete(configMaps, { namespace, name })));
      await Promise.all(names("9999-new").map((name) => direct.create(configMaps, aConfigMap(namespace, name))));
    };
    const { items } = await listAll(client, configMaps, { namespace });
    expect(kept(items)).toEqual([...names("0000-old"), ...everything]);
    const after = await listAll(client, configMaps, { namespace });
    expect(kept(after.items)).toEqual([...everything, ...names("9999-new")]);
    await Promise.all(names("9999-new").map((name) => direct.delete(configMaps, { namespace, name })));
    client.close();
  });

  test("comes to its end also when the server forgets on the way what it has begun", async () => {
    const client = new Interrupted(await administrator());
    client.before = async () => {
      client.before = async () => {};
      await direct.create(configMaps, aConfigMap(namespace, "later"));
      const { metadata } = await direct
        .delete(configMaps, { namespace, name: "later" })
        .then(() => direct.list(configMaps, { namespace, limit: 1 }));
      const request = JSON.stringify({ revision: metadata.resourceVersion, physical: true });
      const url = "http://127.0.0.1:2379/v3/kv/compaction";
      await cluster.controlPlane.run(["curl", "--silent", "--fail", "--show-error", "--data", request, url]);
      // The API server has lists of its own; a new one has only what etcd has.
      await killApiServer();
      await mend();
    };
    const { items } = await listAll(client, configMaps, { namespace });
    expect(kept(items)).toEqual(everything);
    expect(client.pages.at(-1)).not.toMatch(/continue/);
    client.close();
  });
});

test("metadata alone is what the server answers with, whatever is done", async () => {
  const resource = metadataOf(configMaps);
  const ref = { namespace, name: "by-its-metadata" };
  const written: ConfigMap = { ...aConfigMap(namespace, ref.name, { a: "b" }) };
  const answers = [
    await direct.create(resource, written),
    await direct.get(resource, ref),
    await direct.mergePatch(resource, ref, { data: { c: "d" } }),
    await direct.jsonPatch(resource, ref, [{ op: "add", path: "/data/e", value: "f" }]),
  ];
  expect((await direct.get(configMaps, ref)).data).toEqual({ a: "b", c: "d", e: "f" });
  const { items } = await listAll(direct, resource, { namespace });
  answers.push(...items.filter(({ metadata }) => metadata?.name === ref.name));
  for (const answer of answers) expect(Object.keys(answer).toSorted()).toEqual(["apiVersion", "kind", "metadata"]);
  expect(new Set(answers.map(({ metadata }) => metadata?.uid)).size).toBe(1);
  expect(answers.at(-1)?.metadata?.resourceVersion).toBe(answers.at(-2)?.metadata?.resourceVersion);
  expect(kept(items)).toEqual(everything);
  // What is gone for good is answered with a Status.
  expect(await direct.delete(resource, ref)).toMatchObject({ kind: "Status", status: "Success" });
});
