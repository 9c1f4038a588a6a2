import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, nodes } from "../cluster.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { type Channel, DaemonClient } from "./daemon-client.ts";
import { DaemonProcess } from "./daemon-process.ts";
import { type DaemonSetting, type RunningDaemon, runDaemon } from "./running-daemon.ts";
import { type SerialGuest, startSerialGuest } from "./serial-guest.ts";

const [node] = nodes;
const path = (port: number, more: string): string =>
  `/v1/namespaces/default/virtualmachineinstances/relay-${port}/${more}`;
const ttyS0 = path(0, "console");
const hvc0 = path(1, "console");

let guest: SerialGuest;
let certificates: Certificates;
let logs: string;
let daemon: RunningDaemon;
let client: DaemonClient;
let setting: DaemonSetting;

beforeAll(async () => {
  certificates = await makeCertificates();
  logs = await mkdtemp(join(tmpdir(), "relay-logs-"));
  guest = await startSerialGuest(node, "relay");
  const libvirt = `${await node.bundle.rootFolder()}/run/libvirt/libvirt-sock`;
  const { serverFolder: tlsFolder } = certificates;
  setting = { name: "relay", serial: [guest.ttyS0, guest.hvc0], vnc: guest.vnc, libvirt, logs, tlsFolder };
  daemon = await runDaemon(setting);
  client = new DaemonClient(daemon.server.port, certificates);
  await guest.virsh("resume");
});

afterAll(async () => {
  await daemon?.stop("the test is over");
  await guest?.end();
  await rm(logs, { recursive: true, force: true });
});

/** Logs in as root, or finds that somebody has. */
async function logIn(channel: Channel): Promise<void> {
  await channel.until("login:", 90_000);
  channel.clear();
  channel.send("\r");
  await channel.until(/login:|# /);
  if (channel.text.includes("login:")) channel.send("root\r");
  await channel.until("# ");
  channel.clear();
}

/** Runs a command at the prompt, and waits for its end. */
async function run(channel: Channel, command: string): Promise<string> {
  channel.clear();
  channel.send(`${command}; echo "do""ne"\r`);
  await channel.until(/\ndone\r\n/);
  return channel.text;
}

test("who comes late is shown what the guest has said, from its first byte on", async () => {
  const early = await client.open(ttyS0);
  await early.until("login:", 90_000);
  const late = await client.open(ttyS0);
  // Each has what the other is still to get.
  await eventually(async () => expect(late.bytes.equals(early.bytes)).toBe(true));
  expect(late.text).toContain("login:");
  await late.close();
});

test("the newest of two writers types, the other is told by whom it was displaced, and three watchers see it all", async () => {
  const watchers = await Promise.all([1, 2, 3].map(() => client.open(`${ttyS0}?readOnly=true`)));
  const first = await client.open(`${ttyS0}?user=ann`);
  await logIn(first);
  const second = await client.open(`${ttyS0}?user=bob`);
  expect(await first.closed).toEqual({ code: 1001, reason: "EOF: bob has taken over this console" });
  for (const watcher of watchers) watcher.send("echo typed by a watcher\r");
  expect(await run(second, "echo typed by the writer")).toContain("\ntyped by the writer\r\n");
  for (const watcher of watchers) {
    await watcher.until("\ntyped by the writer\r\n");
    expect(watcher.text).not.toContain("typed by a watcher");
    await watcher.close();
  }
  await second.close();
});

test("a client that does not read for a while holds up nobody, and gets all that it is not told to have missed", {
  timeout: 180_000,
}, async () => {
  const writer = await client.open(hvc0);
  await logIn(writer);
  const slow = await client.open(`${hvc0}?readOnly=true`);
  const quick = await client.open(`${hvc0}?readOnly=true`);
  await slow.until("# ");
  await quick.until("# ");
  slow.clear();
  quick.clear();
  writer.clear();
  slow.websocket.pause();
  writer.send(
    `yes 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde | head -n 30000; sleep 1; echo "do""ne"\r`,
  );
  // QEMU drops what a virtio console writes while its socket is full: after a rest the last words get through.
  const ended = (channel: Channel) => () => /done\r\n.*# .\[6n$/.test(channel.tail(200));
  await writer.until(ended(writer), 120_000);
  await quick.until(ended(quick));
  expect(writer.text).not.toContain("skipped");
  expect(quick.bytes.equals(writer.bytes)).toBe(true);
  slow.websocket.resume();
  await slow.until(ended(slow));
  const skipped = [...slow.text.matchAll(/\r\n\[(\d+) bytes skipped: this client reads too slowly\]\r\n/g)];
  const notices = skipped.reduce((sum, [notice]) => sum + notice.length, 0);
  const missed = skipped.reduce((sum, [, count]) => sum + Number(count), 0);
  expect(slow.size - notices + missed).toBe(writer.size);
  for (const channel of [writer, slow, quick]) await channel.close();
});

test("a console goes on over a reboot of the guest", async () => {
  const channel = await client.open(ttyS0);
  await channel.until("# ");
  channel.clear();
  channel.send("reboot\r");
  await logIn(channel);
  expect(await run(channel, "echo up for $(cut -d. -f1 /proc/uptime) s")).toMatch(/up for \d{1,2} s/);
  await channel.close();
});

test("what a guest writes is in the log, byte for byte, when the daemon restarts; and the log goes on even after a kill", async () => {
  const before = await client.open(ttyS0);
  await before.until("# ");
  before.clear();
  before.send('i=0; while :; do echo "line-$((i=i+1))-"; done\r');
  await before.until("line-50-");
  await daemon.stop("the node daemon restarts");
  expect(await before.closed).toEqual({ code: 1001, reason: "the node daemon restarts" });
  const atStop = await readFile(`${logs}/serial0.log`);
  expect(atStop.subarray(-before.size).equals(before.bytes)).toBe(true);

  // The guest writes on while a client dials.
  const patient = { ...setting, hub: { replay: 4 * 1024 ** 2 } };
  const killed = await DaemonProcess.start(patient);
  const between = await new DaemonClient(killed.port, certificates).open(ttyS0);
  await between.until("line-50-");
  between.clear();
  await between.until(/line-\d+-\r\n/);
  const [seen = ""] = /line-\d+-\r\n/.exec(between.text) ?? [];
  // A kill loses what the log gathers, not what is on the disk.
  await eventually(async () => expect((await readFile(`${logs}/serial0.log`)).includes(seen)).toBe(true));
  await killed.end("SIGKILL");
  expect(await between.closed).toMatchObject({ code: 1006 });

  daemon = await runDaemon(patient);
  client = new DaemonClient(daemon.server.port, certificates);
  const after = await client.open(ttyS0);
  await after.until(seen);
  after.clear();
  after.send("\u0003");
  await after.until("# ");
  expect(await run(after, "echo still here")).toContain("\nstill here\r\n");
  const log = await eventually(async () => {
    const found = await readFile(`${logs}/serial0.log`);
    expect(found.includes("\nstill here\r\n")).toBe(true);
    return found;
  });
  expect(log.subarray(0, atStop.length).equals(atStop)).toBe(true);
  await after.close();
});

test("the log can be read from its start, and followed", async () => {
  await eventually(async () => {
    const answer = await client.request("GET", path(0, "console/log"));
    expect(answer).toMatchObject({ code: 200, type: "text/plain; charset=utf-8" });
    expect(answer.body.equals(await readFile(`${logs}/serial0.log`))).toBe(true);
  });
  const channel = await client.open(ttyS0);
  const following = client.follow(path(0, "console/log?follow=true"));
  channel.send('echo for the fol""lower\r');
  expect(await following.until("for the follower")).toContain("login:");
  following.end();
  await channel.close();
});

/** Reads exactly so many bytes. */
async function read(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = socket.read(length);
    if (bytes) return bytes;
    await new Promise((resolve) => socket.once("readable", resolve));
  }
}

test("QEMU's own VNC socket greets each of several clients", async () => {
  const sockets = [connect(guest.vnc), connect(guest.vnc)];
  for (const socket of sockets) {
    expect((await read(socket, 12)).toString()).toBe("RFB 003.008\n");
    socket.destroy();
  }
});

/** Goes through RFB's handshake, asking for the screen alone or shared, and returns its size. */
async function handshake(channel: Channel, { shared }: { shared: boolean }): Promise<string> {
  await channel.until("RFB 003.008\n");
  channel.clear();
  channel.send("RFB 003.008\n");
  // One security type: none.
  await channel.until(() => channel.size >= 2);
  expect([...channel.bytes]).toEqual([1, 1]);
  channel.clear();
  channel.send(Buffer.from([1]));
  await channel.until(() => channel.size >= 4);
  expect(channel.bytes.readUInt32BE()).toBe(0);
  channel.clear();
  channel.send(Buffer.from([shared ? 1 : 0]));
  await channel.until(() => channel.size >= 24);
  const size = `${channel.bytes.readUInt16BE(0)}x${channel.bytes.readUInt16BE(2)}`;
  channel.clear();
  return size;
}

/** Asks for the whole screen, and waits for the beginning of the picture. */
async function picture(channel: Channel): Promise<number> {
  channel.send(Buffer.from([3, 0, 0, 0, 0, 0, 0x02, 0xd0, 0x01, 0x90]));
  await channel.until(() => channel.size >= 720 * 400 * 4);
  return channel.bytes[0] ?? -1;
}

test("two clients share a screen, one that wants it alone takes it over, and one keeps away if asked to", async () => {
  const first = await client.open(path(0, "vnc"));
  expect(await handshake(first, { shared: true })).toBe("720x400");
  expect(await picture(first)).toBe(0);
  const second = await client.open(path(0, "vnc?shared=true"));
  // RFB's own flag says nothing: it is the path that counts.
  expect(await handshake(second, { shared: false })).toBe("720x400");
  expect(await picture(second)).toBe(0);
  first.clear();
  expect(await picture(first)).toBe(0);
  await expect(client.open(path(0, "vnc?preserveSession=true"))).rejects.toThrow(
    /^503 .*Active VNC connection. Request denied/,
  );
  const viewers = (count: number): Promise<void> =>
    eventually(async () => {
      const { body } = await client.request("GET", "/metrics", { as: "nobody" });
      const gauge = 'kubevirt_vnc_active_connections{namespace="default",vmi="relay-0"}';
      expect(body.toString()).toContain(`${gauge} ${count}\n`);
    });
  await viewers(2);
  const third = await client.open(path(0, "vnc?preserveSession=false"));
  expect(await handshake(third, { shared: false })).toBe("720x400");
  expect(await picture(third)).toBe(0);
  for (const { closed } of [first, second]) {
    expect(await closed).toMatchObject({ reason: expect.stringMatching(/^EOF: .* has taken over this screen$/) });
  }
  await viewers(1);
  await third.close();
});

test("a screenshot is a PNG of the screen", async () => {
  const answer = await client.request("GET", path(0, "vnc/screenshot"));
  expect(answer).toMatchObject({ code: 200, type: "image/png" });
  expect(answer.body.subarray(0, 8).toString("latin1")).toBe("\u0089PNG\r\n\u001a\n");
  expect([answer.body.readUInt32BE(16), answer.body.readUInt32BE(20)]).toEqual([720, 400]);
});

test("a guest is paused and goes on, and what its state does not allow is refused", async () => {
  const put = (operation: string, body?: string) =>
    client.request("PUT", path(0, operation), body === undefined ? {} : { body });
  expect(JSON.parse((await put("unpause")).body.toString())).toMatchObject({ code: 409, message: "VMI is not paused" });
  expect(await put("pause")).toMatchObject({ code: 200 });
  expect(await guest.virsh("domstate")).toContain("paused");
  expect(JSON.parse((await put("pause")).body.toString())).toMatchObject({
    code: 409,
    message: "VMI is already paused",
  });
  expect(await put("unpause", '{"dryRun":["All"]}')).toMatchObject({ code: 400 });
  expect(await put("unpause")).toMatchObject({ code: 200 });
  expect(await guest.virsh("domstate")).toContain("running");
});

test("when the domain ends its clients are told why, and close well", async () => {
  const writer = await client.open(ttyS0);
  const watcher = await client.open(`${ttyS0}?readOnly=true`);
  const screen = await client.open(path(0, "vnc"));
  await guest.virsh("destroy");
  await daemon.endDomain("the virtual machine instance has stopped");
  const end = { code: 1000, reason: "the virtual machine instance has stopped" };
  expect(await writer.closed).toEqual(end);
  expect(await watcher.closed).toEqual(end);
  expect(await screen.closed).toMatchObject({ code: 1000 });
  await expect(client.open(ttyS0)).rejects.toThrow(/^400 .*"VMI is not running"/);
  await eventually(async () => {
    const { body } = await client.request("GET", "/metrics", { as: "nobody" });
    expect(body.toString()).not.toMatch(/^kubevirt_console_active_connections\{/m);
  });
});
