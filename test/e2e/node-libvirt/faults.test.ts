import { afterAll, beforeAll, expect, test } from "vitest";
import { type Connection, connect } from "../../../node-libvirt/src/index.ts";
import { daemon } from "./daemon.ts";
import { eventually, guestXML, remove } from "./guest.ts";
import { prepare } from "./guest-files.ts";
import type { LibvirtNode } from "./libvirt-node.ts";
import { libvirts } from "./libvirts.ts";

const name = "nl-faults";
let node: LibvirtNode;
let connection: Connection;
beforeAll(async () => {
  node = (await libvirts())[0]!;
  connection = await connect(node.socket, { reconnect: { minDelay: 20 } });
  const files = await prepare(node);
  await remove(connection, name);
  await connection.createXML(guestXML({ name, files }));
});
afterAll(async () => {
  await remove(connection, name);
  await connection.close();
});

test("a libvirtd that is stopped ends what waits; when it is back, so are we, our events and the guest", async () => {
  const domain = await connection.lookupByName(name);
  const console = await domain.openConsole();
  const broken = new Promise<Error>((resolve) => console.once("error", resolve));
  const story: string[] = [];
  connection.onDisconnect(({ reason }) => story.push(reason));
  connection.onReconnect(() => story.push("back"));
  await connection.on("lifecycle", (event) => {
    if (event.domain.name === name) story.push(`${event.event} ${event.detail}`);
  });
  const control = await daemon(node);
  await control.stop();
  expect(await broken).toMatchObject({ name: "DisconnectedError" });
  await eventually(() => !connection.connected || story.includes("ended"));
  await control.start();
  await eventually(() => story.includes("back"));
  await eventually(async () => (await domain.getState().catch(() => undefined))?.state === "RUNNING");
  await domain.suspend();
  await eventually(() => story.includes("SUSPENDED PAUSED"));
  await domain.resume();
});

test("a libvirtd that freezes is found out, while a file is read as ever; thawed, it is ours again", async () => {
  await using watched = await connect(node.socket, {
    keepAlive: { interval: 300, count: 2 },
    connectTimeout: 3000,
    reconnect: { minDelay: 20 },
  });
  const control = await daemon(node);
  let back = false;
  watched.onReconnect(() => {
    back = true;
  });
  control.freeze();
  try {
    const begin = performance.now();
    const calls = [watched.getHostname(), watched.getCapabilities()];
    for (const one of await Promise.allSettled(calls)) {
      expect(one).toMatchObject({ status: "rejected", reason: { name: "DisconnectedError", reason: "frozen" } });
    }
    expect(performance.now() - begin).toBeLessThan(30_000);
    await expect(connect(node.socket, { connectTimeout: 100 })).rejects.toMatchObject({ name: "TimeoutError" });
  } finally {
    control.thaw();
  }
  await eventually(() => back);
  expect(await watched.getHostname()).toMatch(/./);
  expect(connection.connected).toBe(true);
});
