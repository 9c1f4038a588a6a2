import { expect, test } from "vitest";
import type { Cached } from "../../../controller/cache/slim.ts";
import { objectChanged, WholeReader } from "../../../controller/cache/whole-reader.ts";
import {
  aClient,
  aServer,
  aThing,
  type Handler,
  json,
  refusal,
  type Thing,
  things,
} from "../../api/kube/http-server.ts";

const ref = { namespace: "default", name: "a" };

/** A thing as it is held: which one it is, and what there is of it beside. */
const held = (more: Partial<Cached<object, string, Thing>> = {}): Cached<object, string, Thing> => ({
  metadata: { ...ref, uid: "uid-a", resourceVersion: "1" },
  summary: {},
  slim: undefined,
  whole: undefined,
  ...more,
});

const nothing: Handler = () => expect.unreachable();
const shortening = { resource: things, slim: ({ metadata }: Thing) => `${metadata?.name} in short` };
const nodeOf = async ({ spec }: Thing): Promise<string | undefined> => spec?.node;

test("what is held is not read", async () => {
  const { url, requests } = await aServer(nothing);
  const reader = new WholeReader(aClient(url));
  const whole = aThing("a", "1", { spec: { node: "n1" } });
  expect(await reader.slim(shortening, held({ slim: "known" }))).toBe("known");
  expect(await reader.withWhole(things, held({ whole }), whole.metadata ?? {})(nodeOf)).toBe("n1");
  expect(requests).toEqual([]);
});

test("what is not held is read when it is needed, each time", async () => {
  const { url, requests } = await aServer(json(aThing("a", "1", { spec: { node: "n1" } })));
  const reader = new WholeReader(aClient(url));
  expect(await reader.slim(shortening, held())).toBe("a in short");
  const withWhole = reader.withWhole(things, held(), held().metadata);
  expect(requests).toHaveLength(1);
  expect(await withWhole(nodeOf)).toBe("n1");
  expect(await withWhole(nodeOf)).toBe("n1");
  expect(requests).toEqual(
    Array.from({ length: 3 }, () => "GET /apis/tests.example.com/v1/namespaces/default/things/a"),
  );
});

test("one that has changed since, or is another one by now, is not worked with", async () => {
  const { url } = await aServer(json(aThing("a", "2")));
  const reader = new WholeReader(aClient(url));
  const use = async (): Promise<never> => expect.unreachable();
  expect(await reader.withWhole(things, held(), held().metadata)(use)).toBe(objectChanged);
  const sameVersion = { ...held().metadata, uid: "another", resourceVersion: "2" };
  expect(await reader.withWhole(things, held(), sameVersion)(use)).toBe(objectChanged);
  // After a write of our own it is the version that was written.
  const name = async ({ metadata }: Thing): Promise<string | undefined> => metadata?.name;
  expect(await reader.withWhole(things, held(), held().metadata)(name, "2")).toBe("a");
});

test("a few are read at once, and the place of one that fails or is not waited for any more is free", async () => {
  const { url, requests } = await aServer(refusal(404, "NotFound"), json(aThing("a")));
  const reader = new WholeReader(aClient(url), 2);
  const go = Promise.withResolvers<void>();
  const slow = (): Promise<void> => go.promise;
  await expect(reader.read(things, ref, slow)).rejects.toMatchObject({ isNotFound: true });
  await expect(reader.read(things, ref, () => Promise.reject(new Error("no use")))).rejects.toThrow("no use");
  const stop = new AbortController();
  const all = [
    reader.read(things, ref, slow),
    reader.read(things, ref, slow),
    reader.read(things, ref, slow, stop.signal),
    reader.read(things, ref, slow),
    reader.read(things, ref, slow),
  ];
  const given = all[2]?.catch((error: unknown) => error);
  await expect.poll(() => requests.length).toBe(4);
  stop.abort(new Error("not any more"));
  expect(await given).toBe(stop.signal.reason);
  await expect(reader.read(things, ref, slow, stop.signal)).rejects.toThrow("not any more");
  expect(requests).toHaveLength(4);
  go.resolve();
  await Promise.all(all.toSpliced(2, 1));
  expect(requests).toHaveLength(6);
});
