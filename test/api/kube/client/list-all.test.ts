import { expect, test } from "vitest";
import { NetworkError, ProtocolError } from "../../../../api/kube/client/errors.ts";
import { keepAll, listAll } from "../../../../api/kube/client/list-all.ts";
import { metadataOf } from "../../../../api/kube/resources/resource.ts";
import { aClient, aServer, aThing, type Handler, json, refusal, type Thing, things } from "../http-server.ts";

const aList = (items: readonly Thing[], metadata: object = {}): object => ({
  apiVersion: "tests.example.com/v1",
  kind: "ThingList",
  metadata: { resourceVersion: "7", ...metadata },
  items,
});

const names = (items: readonly Thing[]): (string | undefined)[] => items.map(({ metadata }) => metadata?.name);

test("a list comes page by page, of one version, and the pages are smaller where objects are large", async () => {
  const large = Array.from({ length: 50 }, (_, number) => aThing(`l-${number}`, "1", { data: "x".repeat(400_000) }));
  const small = Array.from({ length: 20 }, (_, number) => aThing(`s-${number}`));
  const { url, requests } = await aServer(
    json(aList(large, { continue: "a" })),
    json(aList(small, { continue: "b" })),
    json(aList([aThing("last")])),
  );
  const { items, metadata } = await listAll(aClient(url), things);
  expect(names(items)).toEqual(names([...large, ...small, aThing("last")]));
  expect(metadata).toEqual({ resourceVersion: "7" });
  expect(requests.map((request) => request.replace(/^.*\?/, ""))).toEqual([
    "limit=50",
    "limit=20&continue=a",
    "limit=500&continue=b",
  ]);
});

test("an object is kept, or not, before the next one comes", async () => {
  const kept = Promise.withResolvers<string>();
  const { url } = await aServer((_request, response) => {
    const [start, end] = JSON.stringify(aList([aThing("a"), aThing("b")])).split(',{"apiVersion"');
    response.write(start);
    // The rest of it comes when the first one is seen.
    void kept.promise.then(() => response.end(`,{"apiVersion"${end}`));
  });
  const { items } = await keepAll(aClient(url), things, {
    keep: ({ metadata }) => {
      kept.resolve(metadata?.name ?? "");
      return metadata?.name;
    },
  });
  expect(await kept.promise).toBe("a");
  expect(items).toEqual(["a", "b"]);
});

test("pages that expire on the way are fetched again in one piece, and none is there twice", async () => {
  const { url, requests } = await aServer(
    json(aList([aThing("a")], { continue: "a" })),
    refusal(410, "Expired"),
    json(aList([aThing("a", "2"), aThing("b")])),
  );
  const { items } = await listAll(aClient(url), things, { namespace: "default" });
  expect(items.map(({ metadata }) => `${metadata?.name} ${metadata?.resourceVersion}`)).toEqual(["a 2", "b 1"]);
  expect(requests.at(-1)).toMatch(/things$/);
});

test("items say what they are, and unknown fields survive", async () => {
  const { url } = await aServer(
    json({ metadata: {}, items: [{ spec: { unheardOf: 1 } }] }),
    json({ metadata: {}, items: null }),
  );
  const client = aClient(url);
  const { items } = await listAll(client, things);
  expect(items).toEqual([{ apiVersion: "tests.example.com/v1", kind: "Thing", spec: { unheardOf: 1 } }]);
  expect((await listAll(client, things)).items).toEqual([]);
});

test("a list that breaks off is a NetworkError, and what is no list a ProtocolError", async () => {
  const cut: Handler = (_request, response) => {
    response.write(JSON.stringify(aList([aThing("a")])).slice(0, -5), () => response.destroy());
  };
  await expect(listAll(aClient((await aServer(cut)).url), things)).rejects.toThrow(NetworkError);
  for (const text of ["<html>", "null", "5", "{}", '{"items":[{}]}']) {
    const page: Handler = (_request, response) => void response.end(text);
    await expect(listAll(aClient((await aServer(page)).url), things), text).rejects.toThrow(ProtocolError);
  }
});

test("the signal ends a list, with its reason", async () => {
  const abort = new AbortController();
  const { url } = await aServer((_request, response) => {
    response.write('{"items":[');
    setImmediate(() => abort.abort(new Error("enough")));
  });
  await expect(listAll(aClient(url), things, { signal: abort.signal })).rejects.toThrow("enough");
});

test("metadata alone is asked for where no more is needed, also when something is written", async () => {
  const accepted: (string | undefined)[] = [];
  const answer: Handler = (request, response) => {
    accepted.push(request.headers.accept);
    json(aList([aThing("a")]))(request, response);
  };
  const client = aClient((await aServer(answer)).url);
  const resource = metadataOf(things);
  await listAll(client, resource);
  await client.get(resource, { name: "a" });
  await client.mergePatch(resource, { name: "a" }, {});
  await client.create(resource, { metadata: { name: "a" } });
  await client.delete(resource, { name: "a" });
  const one = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
  expect(accepted).toEqual([one.replace("Metadata;", "MetadataList;"), one, one, one, one]);
});
