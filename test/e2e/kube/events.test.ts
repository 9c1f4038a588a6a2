import { expect, onTestFinished, test } from "vitest";
import { EventRecorder, events } from "../../../api/kube/events.ts";
import { useNamespace } from "../cluster.ts";
import { aClient, aConfigMap, configMaps } from "./kube.ts";

const namespace = useNamespace("recorder");

/** A recorder about a ConfigMap, and how many writes it made. */
async function aRecorder(name: string, options: object = {}) {
  const writes: string[] = [];
  const logged: string[] = [];
  const client = await aClient({
    onRequest: ({ method, path, status }) => {
      if (/\/events\b/.test(path)) writes.push(`${method} ${status}`);
    },
  });
  const abort = new AbortController();
  const log = (_level: string, message: string): number => logged.push(message);
  const recorder = new EventRecorder(client, { component: "tests", instance: "one", log, ...options }, abort.signal);
  const object = await client.create(configMaps, aConfigMap(namespace.name, name));
  onTestFinished(() => {
    abort.abort();
    client.close();
  });
  return { recorder, object, writes, logged, client };
}

const started = { type: "Normal", reason: "Started", message: "the machine has started" } as const;

test("kubectl describe shows an event and how often it came, in few writes", async () => {
  const { recorder, object, writes } = await aRecorder("described");
  for (let i = 0; i < 100; i += 1) recorder.record(object, started);
  recorder.record(object, { type: "Warning", reason: "SyncFailed", message: "no such image" });
  await recorder.flush();
  expect(writes.toSorted()).toEqual(["PATCH 200", "POST 201", "POST 201"]);
  const text = await namespace.kubectl("describe", "configmap", "described");
  expect(text).toMatch(/Normal +Started +\S+ \(x100 over \S+\) +tests +the machine has started/);
  expect(text).toMatch(/Warning +SyncFailed +\S+ +tests +no such image/);
});

test("an event that the server has forgotten is made anew", async () => {
  const { recorder, object, writes, client } = await aRecorder("forgotten");
  recorder.record(object, started);
  await recorder.flush();
  const { items } = await client.list(events, {
    namespace: namespace.name,
    fieldSelector: "involvedObject.name=forgotten",
  });
  await client.delete(events, { namespace: namespace.name, name: items[0]!.metadata.name! });
  recorder.record(object, started);
  await recorder.flush();
  expect(writes.filter((write) => !/GET|DELETE/.test(write))).toEqual(["POST 201", "PATCH 404", "POST 201"]);
});

test("an object that has too much to say is cut off, others are not", async () => {
  const { recorder, object, writes, logged, client } = await aRecorder("talkative", {
    perObject: { burst: 3, refill: 60_000 },
  });
  const other = await client.create(configMaps, aConfigMap(namespace.name, "quiet"));
  for (let i = 0; i < 10; i += 1) recorder.record(object, { ...started, message: `number ${i}` });
  recorder.record(other, started);
  await recorder.flush();
  expect(writes).toEqual(["POST 201", "POST 201", "POST 201", "POST 201"]);
  expect(logged).toHaveLength(7);
});

test("a message that is too long is cut, and an object without a namespace has its events, too", async () => {
  const { recorder, writes } = await aRecorder("long");
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node-1", uid: "node-1" } };
  recorder.record(node, { ...started, message: "ü".repeat(2000) });
  await recorder.flush();
  expect(writes).toEqual(["POST 201"]);
});

test("recording neither waits nor fails when the API server does not want it", async () => {
  const { recorder, logged } = await aRecorder("refused");
  const nowhere = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "nonexistent" } };
  expect(recorder.record(nowhere, started)).toBeUndefined();
  await recorder.flush();
  expect(logged).toEqual(["event not written"]);
});
