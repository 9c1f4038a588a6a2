import { describe, expect, test } from "vitest";
import { type Pod, pods } from "../../api/kube/resources/core-resources.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances } from "../../api/resources.ts";
import { anInstance } from "./builders.ts";
import { apiTime, FakeApi } from "./fake-api.ts";

const ref = { name: "demo", namespace: "default" };
const instance = anInstance({ status: { phase: "Pending" } });
const aPod = (more: object = {}): Pod => ({ kind: "Pod", metadata: ref, spec: { containers: [] }, ...more });

/** An API with the instance, and what it tells of changes. */
async function started() {
  const changes: string[] = [];
  const api = await FakeApi.start((plural, { metadata }, isGone) =>
    changes.push(`${plural} ${metadata.resourceVersion}${isGone ? " gone" : ""}`),
  );
  api.put(instances, instance);
  return { api, client: api.client, changes };
}

test("an object that is made has a UID, a version and a time, and no status; a second one is refused", async () => {
  const { client } = await started();
  const made = await client.create(pods, aPod({ status: { phase: "Running" } }));
  expect(made.metadata).toMatchObject({ ...ref, uid: "uid-1002", resourceVersion: "1002", creationTimestamp: apiTime });
  expect(made.status).toBeUndefined();
  await expect(client.create(pods, aPod())).rejects.toMatchObject({ isAlreadyExists: true, isConflict: false });
});

describe("a patch", () => {
  test("changes only the status, or only the rest, and removes what is null", async () => {
    const { client } = await started();
    const patch = { metadata: { labels: { a: "b", c: null } }, status: { phase: null, reason: "x" } };
    const rest = await client.mergePatch(instances, ref, patch);
    expect(rest).toMatchObject({ metadata: { labels: { a: "b" } }, status: { phase: "Pending" } });
    const status = await client.mergePatch(instances, ref, { ...patch, spec: null }, { subresource: "status" });
    expect(status.status).toEqual({ reason: "x" });
    expect(status.spec).toEqual(instance.spec);
  });

  test.for([
    ["another version", { resourceVersion: "1" }],
    ["another object", { uid: "other" }],
  ] as const)("of %s is a conflict", async ([, metadata]) => {
    const { client } = await started();
    await expect(client.mergePatch(instances, ref, { metadata })).rejects.toMatchObject({ isConflict: true });
  });

  test("that changes nothing is no write", async () => {
    const { client, changes } = await started();
    const { metadata } = await client.mergePatch(instances, ref, { metadata: { resourceVersion: "1001" } });
    expect(metadata.resourceVersion).toBe("1001");
    expect(changes).toEqual(["virtualmachineinstances 1001"]);
  });

  test("raises the generation with the spec alone", async () => {
    const { api, client } = await started();
    api.put(instances, anInstance({ metadata: { generation: 4 } }));
    expect((await client.mergePatch(instances, ref, { metadata: { labels: { a: "b" } } })).metadata.generation).toBe(4);
    expect((await client.mergePatch(instances, ref, { spec: { hostname: "a" } })).metadata.generation).toBe(5);
  });
});

describe("an object that is deleted", () => {
  test("is gone at once, of which the answer says no more", async () => {
    const { api, client, changes } = await started();
    expect(await client.delete(instances, ref)).toMatchObject({ kind: "Status" });
    expect(api.objects.size).toBe(0);
    expect(changes.at(-1)).toBe("virtualmachineinstances 1001 gone");
    await expect(client.delete(instances, ref)).rejects.toMatchObject({ isNotFound: true });
  });

  test("stays until the last of its finalizers is removed", async () => {
    const { api, client } = await started();
    api.put(instances, anInstance({ metadata: { finalizers: ["a", "b"] } }));
    expect(await client.delete(instances, ref)).toMatchObject({ metadata: { deletionTimestamp: apiTime } });
    await client.mergePatch(instances, ref, { metadata: { finalizers: ["b"] } });
    expect(api.objects.size).toBe(1);
    await client.mergePatch(instances, ref, { metadata: { finalizers: [] } });
    expect(api.objects.size).toBe(0);
  });

  test("stays where it is not the one that was meant", async () => {
    const { api, client } = await started();
    const look = client.delete(instances, ref, { preconditions: { uid: "other" } });
    await expect(look).rejects.toMatchObject({ isConflict: true });
    expect(api.objects.size).toBe(1);
  });

  test("and is a pod on a node stays for its kubelet, unless it is to go at once", async () => {
    const { api, client } = await started();
    const spec = { containers: [], nodeName: "node-1", terminationGracePeriodSeconds: 45 };
    api.put(pods, aPod({ spec }));
    const left = await client.delete(pods, ref);
    expect(left).toMatchObject({ metadata: { deletionTimestamp: apiTime, deletionGracePeriodSeconds: 45 } });
    await client.delete(pods, ref, { gracePeriodSeconds: 0 });
    await expect(client.get(pods, ref)).rejects.toMatchObject({ isNotFound: true });
  });
});

test("a list has what its selectors say, of one namespace", async () => {
  const { api, client } = await started();
  const named = (name: string, nodeName: string, labels: Record<string, string>, namespace = "default"): void =>
    api.put(pods, aPod({ metadata: { name, namespace, labels }, spec: { containers: [], nodeName } }));
  named("a", "n1", { app: "x" });
  named("b", "n2", { app: "x" });
  named("c", "n1", { app: "y" });
  named("d", "n1", { app: "x" }, "other");
  const selection = { namespace: "default", labelSelector: "app=x", fieldSelector: "spec.nodeName=n1" };
  const { items } = await client.list(pods, selection);
  expect(items.map(({ metadata }) => metadata?.name)).toEqual(["a"]);
  expect((await client.list(pods, { namespace: "default" })).items).toHaveLength(3);
});

test("an object is answered without its content where its metadata alone is asked for", async () => {
  const { client } = await started();
  const answer = await client.get(metadataOf(instances), ref);
  expect(Object.keys(answer).toSorted()).toEqual(["apiVersion", "kind", "metadata"]);
});

test("a request is refused once, and what is not served has no objects", async () => {
  const { api, client } = await started();
  api.refuse("GET virtualmachineinstances", 403, "not allowed");
  await expect(client.get(instances, ref)).rejects.toMatchObject({ isForbidden: true, message: "not allowed" });
  expect(await client.get(instances, ref)).toMatchObject({ metadata: ref });
  api.unserved.add("virtualmachineinstances");
  const error = await client.get(instances, ref).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ isNotFound: true, status: { reason: "NotFound" } });
  expect(error).not.toHaveProperty("status.details");
});
