import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { ServerBackend } from "../../../node-daemon/server/backend.ts";
import { budgetOf, defaultLimits } from "../../../node-daemon/server/limits.ts";
import { aGuest, anInstance, cleanUps, serve, serveConsole, useServing } from "./serving.ts";

useServing();

const base = "/v1/namespaces/default/virtualmachineinstances/vm";

const mostOf = (whom: string): RegExp => new RegExp(`^429 .*the most that ${whom}.*"reason":"TooManyRequests"`);

test("a console has many clients, but not any number of them, and one that goes makes room", async () => {
  const { client } = await serveConsole({ limits: { connectionsOfInstance: 30, connectionsOfUser: 20 } });
  const path = `${base}/console?readOnly=true`;
  const clients = await Promise.all(Array.from({ length: 20 }, () => client.open(`${path}&user=ann`)));
  await expect(client.open(`${path}&user=ann`)).rejects.toThrow(mostOf("a user may have"));
  // Who does not say a user is none; and a log counts as well.
  const log = client.follow(`${base}/console/log?follow=true&user=bob`);
  for (let number = 21; number < 30; number += 1) clients.push(await client.open(path));
  const logged = log.until("logged");
  logged.catch(() => {});
  await vi.waitFor(() => expect(client.open(path)).rejects.toThrow(mostOf("an instance may have")), 20_000);
  await expect(client.open(`${base}/console`)).rejects.toThrow(mostOf("an instance may have"));
  log.end();
  await clients.pop()?.close();
  await vi.waitFor(() => client.open(`${path}&user=bob`), 20_000);
});

test("where a node has no room, who has most gives way, and is told", async () => {
  const port = await aGuest((socket) => void socket.on("error", () => {}));
  const find = (namespace: string, name: string) => anInstance({ namespace, name, address: async () => "127.0.0.1" });
  const instances = { find, serialPorts: () => undefined };
  const { client } = await serve({}, { instances }, { limits: { connections: 3 } });
  const open = (namespace: string) =>
    client.open(`/v1/namespaces/${namespace}/virtualmachineinstances/vm/portforward/${port}`);
  const channels = [await open("a"), await open("a"), await open("a")];
  await expect(open("a")).rejects.toThrow(/^429 .*this node has 3 connections/);
  await open("b");
  expect(await channels[2]?.closed).toEqual({
    code: 1013,
    reason: expect.stringContaining('this node has no room for more connections, and namespace "a" has most of them'),
  });
  expect(channels[0]?.websocket.readyState).toBe(channels[0]?.websocket.OPEN);
});

describe("a screen", () => {
  /** Clients of one screen, that QEMU shows to as many as there are. */
  async function aScreen() {
    const folder = await mkdtemp(join(tmpdir(), "server-vnc-"));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const vncSocket = join(folder, "vnc.sock");
    const qemu = createServer((socket) => void socket.on("error", () => {})).listen(vncSocket);
    cleanUps.push(() => qemu.close());
    const { client } = await serve({ vncSocket });
    return (query: Record<string, string> = {}) => client.open(`${base}/vnc?${new URLSearchParams(query).toString()}`);
  }

  test("is not shown to a viewer who would end nobody's session, beside another", async () => {
    const look = await aScreen();
    const alone = { preserveSession: "true" };
    const first = await look(alone);
    await expect(look(alone)).rejects.toThrow(/^503 .*Active VNC connection/);
    await expect(look({ ...alone, shared: "true" })).rejects.toThrow(/^503 /);
    expect(first.websocket.readyState).toBe(first.websocket.OPEN);
  });

  test("is taken over by who asks for nothing else, as KubeVirt's client does, and who had it is told by whom", async () => {
    const look = await aScreen();
    const first = await look({ user: "ann" });
    const second = await look({ user: "bob", preserveSession: "false" });
    expect(await first.closed).toEqual({ code: 1001, reason: "EOF: bob has taken over this screen" });
    const third = await look();
    expect(await second.closed).toEqual({ code: 1001, reason: "EOF: another client has taken over this screen" });
    expect(third.websocket.readyState).toBe(third.websocket.OPEN);
  });

  test("is shared by all who ask for that, until somebody takes it over", async () => {
    const look = await aScreen();
    const viewers = [await look(), await look({ shared: "true" }), await look({ shared: "true" })];
    for (const { websocket } of viewers) expect(websocket.readyState).toBe(websocket.OPEN);
    await look({ user: "bob" });
    for (const { closed } of viewers) expect(await closed).toMatchObject({ code: 1001 });
  });
});

test("a message that is longer than any client's, or in countless pieces, ends its connection", async () => {
  const port = await aGuest((socket) => void socket.on("error", () => {}));
  const { client } = await serve({ address: async () => "127.0.0.1" });
  const long = await client.open(`${base}/portforward/${port}`);
  long.send(Buffer.alloc(128 * 1024));
  long.send(Buffer.alloc(128 * 1024 + 1));
  expect(await long.closed).toMatchObject({ code: 1009 });
  const crumbs = await client.open(`${base}/portforward/${port}`);
  for (let piece = 0; piece < 300; piece += 1) crumbs.websocket.send(Buffer.alloc(1), { fin: false });
  expect(await crumbs.closed).toMatchObject({ code: 1008 });
});

test("a screenshot that is larger than there is room for is refused, and what it held is free again", async () => {
  const take: ServerBackend["screenshots"]["take"] = async (_, { hold }) => {
    for (let number = 0; number < 10; number += 1) hold(1024 ** 2);
    return Buffer.alloc(10 * 1024 ** 2);
  };
  const small = { sharedBytes: 8 * 1024 ** 2 };
  const budget = budgetOf({ ...defaultLimits, ...small });
  const { client } = await serve({ vncSocket: "/nowhere" }, { screenshots: { take } }, { budget });
  const answer = await client.request("GET", `${base}/vnc/screenshot`);
  expect([answer.code, answer.body.toString()]).toEqual([
    429,
    expect.stringContaining("larger than this node has room"),
  ]);
  await vi.waitFor(() => expect(budget.used).toBe(0), 20_000);
});

test("so many operations are under way at once, and more are refused", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = async (): Promise<void> => promise;
  const operations = { pause: held, unpause: held, softreboot: held, reset: held, freeze: held, unfreeze: held };
  const { client } = await serve({}, { operations }, { limits: { operations: 2 } });
  const first = [client.request("PUT", `${base}/reset`), client.request("PUT", `${base}/reset`)];
  await vi.waitFor(async () => {
    // One that is let in waits for ever: the third is asked for only when the two are under way.
    const { code, body } = await Promise.race([client.request("PUT", `${base}/freeze`), ...first]);
    expect([code, body.toString()]).toEqual([429, expect.stringContaining("2 operations are under way")]);
  }, 20_000);
  resolve();
  expect((await Promise.all(first)).map(({ code }) => code)).toEqual([200, 200]);
});
