import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect as connectTls } from "node:tls";
import { expect, test, vi } from "vitest";
import { StatusError } from "../../../api/serving/status-error.ts";
import { makeCertificates } from "../../e2e/relay/certificates.ts";
import type { DaemonClient } from "../../e2e/relay/daemon-client.ts";
import { aGuest, certificates, cleanUps, serve, serveConsole, useServing } from "./serving.ts";

useServing();

const base = "/v1/namespaces/default/virtualmachineinstances/vm";

test("only the controller is served; health and metrics are for everybody", async () => {
  const { client } = await serve({}, { ready: async () => Promise.reject(new Error("libvirt is out of reach")) });
  const message = async (as: Parameters<DaemonClient["request"]>[2]) =>
    JSON.parse((await client.request("PUT", `${base}/pause`, as)).body.toString());
  expect(await message({ as: "nobody" })).toMatchObject({ code: 401, message: "a client certificate is required" });
  expect(await message({ as: certificates.stranger })).toMatchObject({
    code: 403,
    message: 'the client certificate is made out to "somebody-else", not to "virt-controller"',
  });
  const other = await makeCertificates();
  cleanUps.push(() => rm(dirname(other.serverFolder), { recursive: true }));
  expect(await message({ as: other.controller })).toMatchObject({ code: 401 });
  expect(await client.request("PUT", `${base}/pause`)).toMatchObject({ code: 200 });
  expect(await client.request("GET", "/healthz", { as: "nobody" })).toMatchObject({ code: 200 });
  const ready = await client.request("GET", "/readyz", { as: "nobody" });
  expect([ready.code, ready.body.toString()]).toEqual([503, "libvirt is out of reach"]);
  const metrics = await client.request("GET", "/metrics", { as: "nobody" });
  expect(metrics.body.toString()).toContain("process_resident_memory_bytes");
  await expect(client.open(`${base}/vnc`, { as: certificates.stranger })).rejects.toThrow(/^403 /);
});

test("a client that speaks no TLS 1.3 is not served", async () => {
  const { server } = await serve();
  const { certificate: cert, key } = certificates.controller;
  const dial = async (maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<string | null> => {
    const identity = { ca: certificates.ca, cert, key, servername: "virt-node-daemon" };
    const socket = connectTls({ host: "127.0.0.1", port: server.port, maxVersion, ...identity });
    cleanUps.push(() => socket.destroy());
    await once(socket, "secureConnect");
    return socket.getProtocol();
  };
  await expect(dial("TLSv1.2")).rejects.toThrow("protocol version");
  expect(await dial("TLSv1.3")).toBe("TLSv1.3");
});

test("a renewed certificate is used without a restart", async () => {
  const { server } = await serve();
  const serial = async (): Promise<string> => {
    const socket = connectTls({
      host: "127.0.0.1",
      port: server.port,
      ca: certificates.ca,
      servername: "virt-node-daemon",
    });
    await once(socket, "secureConnect");
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const before = await serial();
  await certificates.renew();
  await vi.waitFor(async () => expect(await serial()).not.toBe(before), 20_000);
  expect(await readdir(certificates.serverFolder)).toHaveLength(3);
});

test("of an instance that has ended the log is there, and nothing else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "server-log-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  const port = { hub: undefined, log: join(folder, "serial.log"), previousLog: join(folder, "previous.log") };
  const { client } = await serve({}, { instances: { find: () => undefined, serialPorts: () => [port] } });
  const answer = async (path: string) => {
    const { code, body } = await client.request("GET", `${base}/${path}`);
    return [code, code === 200 ? body.toString() : JSON.parse(body.toString()).message];
  };
  expect(await answer("console/log")).toEqual([404, 'no log of "vm" is kept on this node']);
  await writeFile(port.log, "last words");
  expect(await answer("console/log")).toEqual([200, "last words"]);
  expect(await answer("console/log?follow=true")).toEqual([200, "last words"]);
  const noPrevious = 'no log of a previous instance of "vm" is kept on this node';
  expect(await answer("console/log?previous=true")).toEqual([404, noPrevious]);
  await writeFile(port.previousLog, "words before");
  expect(await answer("console/log?previous=true")).toEqual([200, "words before"]);
  await expect(client.open(`${base}/console`)).rejects.toThrow(/^404 /);
  expect(await answer("vnc/screenshot")).toMatchObject([404, expect.stringContaining("not found on this node")]);
});

const unlogged = { hub: undefined, log: undefined, previousLog: undefined };

test.for([
  ["GET", "vnc/screenshot", {}, 400, "No graphics devices are present."],
  ["GET", "console/log", {}, 400, "No serial consoles are present."],
  [
    "GET",
    "console/log",
    { serialPorts: [unlogged] },
    400,
    "spec.domain.devices.logSerialConsole is false: no log is kept",
  ],
  ["PUT", "pause", { paused: true }, 409, "VMI is already paused"],
  ["PUT", "unpause", {}, 409, "VMI is not paused"],
  ["PUT", "reset", { phase: "Scheduled" }, 409, "VMI is not running"],
  ["GET", "vnc", {}, 400, "vnc: this is a websocket, and the request asks for no upgrade"],
] as const)("%s %s of %j is refused with %i: %s", async ([method, path, instance, code, message]) => {
  const { client } = await serve(instance);
  const answer = await client.request(method, `${base}/${path}`);
  expect(answer).toMatchObject({ code, type: "application/json" });
  expect(JSON.parse(answer.body.toString())).toMatchObject({ kind: "Status", status: "Failure", code, message });
});

test("an instance of another node is not found, and refusals of the core are passed on", async () => {
  const conflict = async (): Promise<void> => {
    throw new StatusError(409, "the guest agent is not connected");
  };
  const nothing = async (): Promise<void> => {};
  const operations = {
    pause: nothing,
    unpause: nothing,
    softreboot: nothing,
    reset: nothing,
    freeze: conflict,
    unfreeze: nothing,
  };
  const { client } = await serve({}, { operations });
  const status = async (path: string, body = "") =>
    JSON.parse((await client.request("PUT", path, { body })).body.toString());
  expect(await status("/v1/namespaces/default/virtualmachineinstances/other/pause")).toMatchObject({
    code: 404,
    reason: "NotFound",
  });
  expect(await status(`${base}/freeze`)).toMatchObject({ code: 409, message: "the guest agent is not connected" });
  expect(await status(`${base}/pause`, '{"dryRun":["All"]}')).toMatchObject({
    message: "dryRun: not supported by pause",
  });
  expect(await status(`${base}/pause`, "[]")).toMatchObject({ message: "the body is not a JSON object" });
});

test.for([
  ["console", {}, /^400 .*No serial consoles are present/],
  ["console", { phase: "Scheduled" }, /^400 .*VMI is not running/],
  ["console", { phase: "Failed" }, /^409 .*VMI is in failed status/],
  ["vnc", {}, /^400 .*No graphics devices are present/],
  ["vnc", { vncSocket: "/nowhere/vnc.sock" }, /^503 .*the socket is not there/],
  ["portforward/22", {}, /^400 .*no network interface/],
  ["portforward/22", { phase: "Pending" }, /^409 .*VMI is not running/],
  ["portforward/22", { paused: true }, /^409 .*VMI is paused/],
  ["portforward/1", { address: async () => "127.0.0.1" }, /^503 .*port 1\/tcp of the instance: connection refused/],
] as const)("a websocket on %s of %j is refused: %s", async ([path, instance, message]) => {
  const { client, server } = await serve(instance);
  await expect(client.open(`${base}/${path}`)).rejects.toThrow(message);
  await vi.waitFor(async () => expect(await server.metrics.registry.metrics()).not.toMatch(/^kubevirt_\w+\{/m), 20_000);
});

test("a TCP port is forwarded both ways, what was sent last arrives, and each end hears of the other's end", async () => {
  let got = "";
  const port = await aGuest((socket) => {
    socket.on("data", (bytes) => {
      got += bytes.toString();
      socket.write(bytes);
      if (got.endsWith("bye")) socket.end();
    });
  });
  const { client, server } = await serve({ address: async () => "127.0.0.1" });
  const channel = await client.open(`${base}/portforward/${port}/tcp`);
  expect(channel.websocket.protocol).toBe("plain.kubevirt.io");
  channel.send("hello");
  await channel.until("hello");
  expect(await server.metrics.registry.metrics()).toContain(
    'kubevirt_portforward_active_tunnels{namespace="default",vmi="vm"} 1',
  );
  channel.send(" bye");
  expect(await channel.closed).toEqual({ code: 1000, reason: "the guest has closed the connection" });
  const other = await client.open(`${base}/portforward/${port}`, { protocols: [] });
  other.send("the last");
  await other.close();
  await vi.waitFor(() => expect(got).toBe("hello byethe last"), 20_000);
});

test("a guest that sends faster than its client reads is held back", async () => {
  let sent = 0;
  const port = await aGuest((socket) => {
    const more = (): void => {
      while (socket.write(Buffer.alloc(64 * 1024), () => (sent += 64 * 1024)));
    };
    socket.on("drain", more).on("error", () => {});
    more();
  });
  const { client } = await serve({ address: async () => "127.0.0.1" });
  const channel = await client.open(`${base}/portforward/${port}/tcp`);
  channel.websocket.pause();
  let last = -1;
  await vi.waitFor(
    () => {
      const stands = sent === last;
      last = sent;
      expect(stands).toBe(true);
    },
    { interval: 200, timeout: 10_000 },
  );
  expect(sent).toBeLessThan(64 * 1024 ** 2);
  channel.websocket.terminate();
});

test("a console's client that does not read is told what it missed, and costs the others nothing", async () => {
  const { client, connected } = await serveConsole();
  const slow = await client.open(`${base}/console?readOnly=true`);
  const quick = await client.open(`${base}/console?readOnly=true`);
  slow.websocket.pause();
  const [guest] = await connected;
  const block = Buffer.alloc(64 * 1024, "0123456789abcde\n");
  const blocks = 600;
  // As fast as the quick one reads: QEMU's guest is slower than any reader.
  for (let number = 1; number <= blocks; number += 1) {
    guest.write(block);
    await quick.until(() => quick.size === number * block.length);
  }
  expect(quick.tail(64)).not.toContain("skipped");
  slow.websocket.resume();
  const told = (): number =>
    [...slow.text.matchAll(/\r\n\[(\d+) bytes skipped: this client reads too slowly\]\r\n/g)].reduce(
      (sum, [notice, count]) => sum + Number(count) - notice.length,
      0,
    );
  await vi.waitFor(() => expect(slow.size + told()).toBe(blocks * block.length), 20_000);
  expect(told()).toBeGreaterThan(0);
}, 60_000);

test("UDP is forwarded a datagram a frame", async () => {
  const guest = createSocket("udp4").bind(0, "127.0.0.1");
  await once(guest, "listening");
  cleanUps.push(() => guest.close());
  guest.on("message", (datagram, { port, address }) => guest.send(`<${datagram.toString()}>`, port, address));
  const { client } = await serve({ address: async () => "127.0.0.1" });
  const channel = await client.open(`${base}/portforward/${guest.address().port}/udp`);
  channel.send("one");
  channel.send("two");
  await channel.until("<one><two>");
  expect(channel.text).toBe("<one><two>");
  await channel.close();
});

test("the subprotocol is picked out of those offered, and a text frame ends a websocket", async () => {
  const port = await aGuest(() => {});
  const { client } = await serve({ address: async () => "127.0.0.1" });
  const channel = await client.open(`${base}/portforward/${port}`, { protocols: ["x.io", "plain.kubevirt.io"] });
  expect(channel.websocket.protocol).toBe("plain.kubevirt.io");
  channel.websocket.send("text");
  expect(await channel.closed).toMatchObject({ code: 1003 });
});

test("an idle websocket is pinged and lives on, and one whose peer is dead is ended", async () => {
  const port = await aGuest((socket) => void socket.on("error", () => {}));
  const { client, server } = await serve({ address: async () => "127.0.0.1" }, {}, { pingInterval: 20 });
  const channel = await client.open(`${base}/portforward/${port}`);
  let pings = 0;
  await new Promise<void>((resolve) => {
    channel.websocket.on("ping", () => {
      pings += 1;
      if (pings === 8) resolve();
    });
  });
  const dead = await client.open(`${base}/portforward/${port}`);
  dead.websocket.pause();
  const one = 'active_tunnels{namespace="default",vmi="vm"} 1';
  await vi.waitFor(async () => expect(await server.metrics.registry.metrics()).toContain(one), 20_000);
  await channel.close();
});

test("a server that stops says so to its clients", async () => {
  const port = await aGuest((socket) => void socket.on("error", () => {}));
  const { client, server } = await serve({ address: async () => "127.0.0.1" });
  cleanUps.pop();
  const channel = await client.open(`${base}/portforward/${port}`);
  await server.stop("the node daemon restarts");
  expect(await channel.closed).toEqual({ code: 1001, reason: "the node daemon restarts" });
});
