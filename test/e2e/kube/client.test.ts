import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { KubeClient } from "../../../api/kube/client/client.ts";
import { openWebSocket } from "../../../api/kube/client/websocket.ts";
import type { KubeObject } from "../../../api/kube/resources/object.ts";
import type { Resource } from "../../../api/kube/resources/resource.ts";
import { aPod, eventually, useNamespace } from "../cluster.ts";
import { aClient, aConfigMap, configMaps } from "./kube.ts";

const namespace = useNamespace("client");
const inNamespace = (name: string) => ({ namespace: namespace.name, name });
let client: KubeClient;

interface Thing extends KubeObject {
  spec?: { size?: number; [field: string]: unknown };
  status?: { ready?: boolean };
}

const things: Resource<Thing> = {
  group: "tests.example.com",
  version: "v1",
  plural: "things",
  kind: "Thing",
  namespaced: true,
};

const definitions: Resource<KubeObject> = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};

/** A kind with a status and one field that is checked; all other fields of the spec are kept. */
const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.tests.example.com" },
  spec: {
    group: "tests.example.com",
    scope: "Namespaced",
    names: { plural: "things", singular: "thing", kind: "Thing" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                "x-kubernetes-preserve-unknown-fields": true,
                properties: { size: { type: "integer", maximum: 10 } },
              },
              status: { type: "object", properties: { ready: { type: "boolean" } } },
            },
          },
        },
      },
    ],
  },
};

function aThing(name: string, spec: Thing["spec"] = {}): Thing {
  return { apiVersion: "tests.example.com/v1", kind: "Thing", metadata: inNamespace(name), spec };
}

beforeAll(async () => {
  client = await aClient({ fieldManager: "tests" });
  await client.apply(definitions, definition);
  await eventually(() => client.list(things));
});

afterAll(async () => {
  await client.delete(definitions, { name: "things.tests.example.com" });
  client.close();
});

describe("an object", () => {
  test("is made, read, listed, changed and deleted, and fields that nobody knows survive", async () => {
    const made = await client.create(things, aThing("whole", { size: 1, unheardOf: { deep: [1, { a: null }] } }));
    expect(made.metadata?.uid).toBeDefined();
    const read = await client.get(things, inNamespace("whole"));
    expect(read).toEqual(made);
    const { items } = await client.list(things, { namespace: namespace.name });
    expect(items).toEqual([made]);
    const changed = await client.update(things, { ...read, spec: { ...read.spec, size: 2 } });
    expect(changed.spec).toEqual({ size: 2, unheardOf: { deep: [1, { a: null }] } });
    await client.delete(things, inNamespace("whole"));
    await expect(client.get(things, inNamespace("whole"))).rejects.toMatchObject({ isNotFound: true });
    await expect(client.delete(things, inNamespace("whole"))).rejects.toMatchObject({ isNotFound: true });
  });

  test("is not made twice, and not changed by who saw an old version", async () => {
    const made = await client.create(things, aThing("raced"));
    await expect(client.create(things, aThing("raced"))).rejects.toMatchObject({
      isAlreadyExists: true,
      isConflict: false,
    });
    await client.update(things, { ...made, spec: { size: 1 } });
    await expect(client.update(things, { ...made, spec: { size: 2 } })).rejects.toMatchObject({ isConflict: true });
  });

  test("is refused with the field that is wrong", async () => {
    const refused = client.create(things, aThing("wrong", { size: 11 }));
    await expect(refused).rejects.toMatchObject({
      isInvalid: true,
      reason: "Invalid",
      status: { details: { causes: [{ field: "spec.size" }] } },
    });
  });

  test("is checked and not stored in a dry run", async () => {
    const made = await client.create(things, aThing("dry"), { dryRun: true });
    expect(made.metadata?.uid).toBeDefined();
    await expect(client.get(things, inNamespace("dry"))).rejects.toMatchObject({ isNotFound: true });
    const kept = await client.create(things, aThing("kept"));
    await client.delete(things, inNamespace("kept"), { dryRun: true });
    expect(await client.get(things, inNamespace("kept"))).toEqual(kept);
  });

  test("with a field that the server does not know is refused when that is asked for, else warned of", async () => {
    const odd = { ...aConfigMap(namespace.name, "odd"), unheardOf: 1 };
    await expect(client.create(configMaps, odd, { fieldValidation: "Strict" })).rejects.toThrow("unheardOf");
    const warnings: string[] = [];
    const warned = await aClient({ onWarning: (text) => warnings.push(text) });
    await warned.create(configMaps, odd, { fieldValidation: "Warn" });
    expect(warnings).toEqual(['unknown field "unheardOf"']);
    warned.close();
  });

  test("that is held by a finalizer stays until that is off; who deletes another object of the name fails", async () => {
    const held = aThing("held");
    const made = await client.create(things, {
      ...held,
      metadata: { ...held.metadata, finalizers: ["example.com/a"] },
    });
    const stale = { preconditions: { uid: "another" } };
    await expect(client.delete(things, inNamespace("held"), stale)).rejects.toMatchObject({ isConflict: true });
    const going = await client.delete(things, inNamespace("held"), { preconditions: { uid: made.metadata!.uid! } });
    expect(going).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    await client.jsonPatch(things, inNamespace("held"), [{ op: "remove", path: "/metadata/finalizers" }]);
    await expect(client.get(things, inNamespace("held"))).rejects.toMatchObject({ isNotFound: true });
  });
});

describe("a patch", () => {
  test("merges, removes what is null, and needs a test to hold", async () => {
    await client.create(configMaps, aConfigMap(namespace.name, "patched", { a: "1", b: "2" }));
    const ref = inNamespace("patched");
    const merged = await client.mergePatch(configMaps, ref, { data: { a: null, c: "3" } });
    expect(merged.data).toEqual({ b: "2", c: "3" });
    const replaced = await client.jsonPatch(configMaps, ref, [
      { op: "test", path: "/data/b", value: "2" },
      { op: "replace", path: "/data/b", value: "4" },
    ]);
    expect(replaced.data).toEqual({ b: "4", c: "3" });
    const failed = client.jsonPatch(configMaps, ref, [{ op: "test", path: "/data/b", value: "2" }]);
    await expect(failed).rejects.toMatchObject({ isInvalid: true });
  });

  test("of the status changes the status only", async () => {
    await client.create(things, aThing("with-status", { size: 1 }));
    const ref = inNamespace("with-status");
    const patch = { spec: { size: 2 }, status: { ready: true } };
    const changed = await client.mergePatch<Thing>(things, ref, patch, { subresource: "status" });
    expect(changed).toMatchObject({ spec: { size: 1 }, status: { ready: true } });
    const updated = await client.update(things, { ...changed, status: { ready: false } }, { subresource: "status" });
    expect(updated.status).toEqual({ ready: false });
    expect(await client.get(things, ref, { subresource: "status" })).toEqual(updated);
  });
});

describe("apply", () => {
  test("makes an object, changes it, and removes the fields that are given up", async () => {
    const made = await client.apply(configMaps, aConfigMap(namespace.name, "applied", { a: "1", b: "2" }));
    expect(made.metadata?.managedFields).toMatchObject([{ manager: "tests", operation: "Apply" }]);
    const less = await client.apply(configMaps, aConfigMap(namespace.name, "applied", { a: "1" }));
    expect(less.data).toEqual({ a: "1" });
  });

  test("leaves the fields of others alone, and takes them over only by force", async () => {
    await client.apply(configMaps, aConfigMap(namespace.name, "shared", { a: "ours" }));
    const theirs = aConfigMap(namespace.name, "shared", { a: "theirs", b: "theirs" });
    const other = { fieldManager: "other" };
    await expect(client.apply(configMaps, theirs, other)).rejects.toMatchObject({
      isConflict: true,
      status: { details: { causes: [{ reason: "FieldManagerConflict", field: ".data.a" }] } },
    });
    const forced = await client.apply(configMaps, theirs, { ...other, force: true });
    expect(forced.data).toEqual({ a: "theirs", b: "theirs" });
    await expect(client.apply(configMaps, aConfigMap(namespace.name, "shared", { a: "ours" }))).rejects.toThrow(
      "other",
    );
  });
});

describe("of a running pod", () => {
  const path = `/api/v1/namespaces/${namespace.name}/pods/talker`;

  beforeAll(async () => {
    await namespace.apply(aPod("talker", "echo ready; cat /proc/sys/kernel/ostype; exec sleep 100000"));
    await namespace.ready("talker");
  });

  test("the log is followed as a stream that lasts", async () => {
    const abort = new AbortController();
    const log = await client.stream(`${path}/log?follow=true`, { signal: abort.signal });
    let text = "";
    for await (const chunk of log) {
      text += String(chunk);
      if (text.includes("Linux")) break;
    }
    expect(text).toBe("ready\nLinux\n");
    abort.abort();
  });

  test("a program is spoken with over a websocket, bytes unharmed", async () => {
    const query = "command=cat&stdin=true&stdout=true";
    const socket = await openWebSocket(client, `${path}/exec?${query}`, { protocols: ["v5.channel.k8s.io"] });
    onTestFinished(() => socket.terminate());
    expect(socket.protocol).toBe("v5.channel.k8s.io");
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const echoed = new Promise<Buffer>((resolve) => {
      let got = Buffer.alloc(0);
      socket.on("message", (data: Buffer) => {
        if (data[0] === 1) got = Buffer.concat([got, data.subarray(1)]);
        if (got.length >= bytes.length) resolve(got);
      });
    });
    socket.resume();
    socket.send(Buffer.concat([Buffer.from([0]), bytes]));
    expect(await echoed).toEqual(bytes);
    // Ends the program's input (protocol version 5), and so the program.
    socket.send(Buffer.from([255, 0]));
    await once(socket, "close");
  });

  test("a websocket that is refused says why", async () => {
    const refused = openWebSocket(client, `${path}x/exec?command=cat&stdin=true`, { protocols: ["v5.channel.k8s.io"] });
    await expect(refused).rejects.toMatchObject({ isNotFound: true, message: 'pods "talkerx" not found' });
  });

  test("a websocket ends with its signal", async () => {
    const abort = new AbortController();
    const socket = await openWebSocket(client, `${path}/exec?command=cat&stdin=true&stdout=true`, {
      protocols: ["v5.channel.k8s.io"],
      signal: abort.signal,
    });
    abort.abort();
    await once(socket, "close");
    const again = openWebSocket(client, path, { signal: abort.signal });
    await expect(again).rejects.toBe(abort.signal.reason);
  });
});
