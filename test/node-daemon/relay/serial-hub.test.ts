import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { Budget } from "../../../api/serving/budget.ts";
import type { ConsoleConnection } from "../../../node-daemon/relay/console-client.ts";
import { SerialHub, type SerialHubOptions } from "../../../node-daemon/relay/serial-hub.ts";
import { Turns } from "../../../node-daemon/relay/turns.ts";

/** The other end of a serial socket, as QEMU has it. */
async function aPort(options: Partial<SerialHubOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "serial-hub-"));
  const socket = join(folder, "serial.sock");
  const logPath = join(folder, "serial0.log");
  const server = createServer().listen(socket);
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const hub = await SerialHub.open({ socket, logPath, ...options });
  const [qemu] = await accepted;
  await hub.whenConnected(AbortSignal.timeout(5000));
  onTestFinished(async () => {
    qemu.destroy();
    server.close();
    await hub.end("the test is over");
    await rm(folder, { recursive: true });
  });
  return { hub, qemu, server, logPath, socket };
}

/** A client that keeps what it gets; it takes bytes at once unless it is slow. */
function aClient({ slow = false, budget }: { slow?: boolean; budget?: Budget } = {}) {
  const waiting: (() => void)[] = [];
  const client = {
    text: "",
    closed: undefined as undefined | { code: number; reason: string },
    paused: false,
    /** Takes all that is on its way. */
    take: () => {
      for (const sent of waiting.splice(0)) sent();
    },
    inFlight: () => waiting.length,
  };
  const connection: ConsoleConnection = {
    send(bytes, sent) {
      client.text += Buffer.from(bytes).toString("latin1");
      if (slow) waiting.push(sent);
      else queueMicrotask(sent);
    },
    close: (code, reason) => void (client.closed = { code, reason }),
    pause: () => void (client.paused = true),
    resume: () => void (client.paused = false),
    holding: budget?.holding(),
  };
  return Object.assign(client, { connection });
}

const watcher = { user: "", readOnly: true };

test("output goes to every client and to the log; a new client gets what was before", async () => {
  const { hub, qemu, logPath } = await aPort();
  const early = aClient();
  hub.attach(early.connection, watcher);
  qemu.write("hello ");
  await vi.waitFor(() => expect(early.text).toBe("hello "), 20_000);
  const late = aClient();
  hub.attach(late.connection, watcher);
  expect(late.text).toBe("hello ");
  qemu.write("world");
  await vi.waitFor(() => expect([early.text, late.text]).toEqual(["hello world", "hello world"]), 20_000);
  await vi.waitFor(async () => expect(await readFile(logPath, "utf8")).toBe("hello world"), 20_000);
});

test("only the newest writer types", async () => {
  const { hub, qemu } = await aPort();
  let typed = "";
  qemu.on("data", (bytes: Buffer) => (typed += bytes.toString()));
  const ann = aClient();
  const bob = aClient();
  const first = hub.attach(ann.connection, { user: "ann", readOnly: false });
  first.input(Buffer.from("1"));
  const second = hub.attach(bob.connection, { user: "bob", readOnly: false });
  first.input(Buffer.from("2"));
  hub.attach(aClient().connection, watcher).input(Buffer.from("3"));
  second.input(Buffer.from("4"));
  expect(ann.closed).toEqual({ code: 1001, reason: "EOF: bob has taken over this console" });
  await vi.waitFor(() => expect(typed).toBe("14"), 20_000);
});

test("a slow client holds no more than its bound, and is told how much it missed", async () => {
  const { hub, qemu } = await aPort({ replay: 128 * 1024, mostInFlight: 8192, gather: 1 });
  const slow = aClient({ slow: true });
  const quick = aClient();
  hub.attach(slow.connection, watcher);
  hub.attach(quick.connection, watcher);
  const sent = Array.from(
    { length: 40_000 },
    (_, number) => `${String(number).padStart(5, "0")}-abcdefghijklmnop\n`,
  ).join("");
  qemu.write(sent);
  await vi.waitFor(() => expect(quick.text.length).toBe(sent.length), 20_000);
  expect(quick.text).toBe(sent);
  expect(slow.text.length).toBeLessThan(8192 + 65_536);
  while (slow.inFlight() > 0) slow.take();
  const [notice, skipped] = /\r\n\[(\d+) bytes skipped: this client reads too slowly\]\r\n/.exec(slow.text) ?? [];
  expect(slow.text.length - (notice?.length ?? 0) + Number(skipped)).toBe(sent.length);
  expect(sent.endsWith(slow.text.slice(-65_536))).toBe(true);
});

test("a hub finds QEMU again when the connection was lost, and input waits for it", async () => {
  const { hub, qemu, server } = await aPort();
  const client = aClient();
  const session = hub.attach(client.connection, { user: "", readOnly: false });
  const again = once(server, "connection") as Promise<[Socket]>;
  qemu.destroy();
  await vi.waitFor(() => expect(hub.connected).toBe(false), { interval: 1, timeout: 20_000 });
  session.input(Buffer.from("typed meanwhile"));
  const [second] = await again;
  onTestFinished(() => void second.destroy());
  const [bytes] = (await once(second, "data")) as [Buffer];
  expect(bytes.toString()).toBe("typed meanwhile");
  expect(client.paused).toBe(false);
  expect(client.closed).toBeUndefined();
});

/** What the guest reads, from when it begins to. */
function aReader(qemu: Socket) {
  let bytes = 0;
  const read = (): void => void qemu.on("data", (piece: Buffer) => (bytes += piece.length)).resume();
  return { read, bytes: () => bytes };
}

test("a paste into a guest that reads slowly is held back, and arrives whole", async () => {
  const { hub, qemu } = await aPort();
  qemu.pause();
  const client = aClient();
  const session = hub.attach(client.connection, { user: "", readOnly: false });
  const piece = Buffer.alloc(16 * 1024, "a");
  const paste = async (): Promise<void> => {
    for (let sent = 0; sent < 64; sent += 1) {
      await vi.waitFor(() => expect(client.paused).toBe(false), { interval: 1, timeout: 20_000 });
      session.input(piece);
    }
  };
  const pasted = paste();
  await vi.waitFor(() => expect(client.paused).toBe(true), 20_000);
  const guest = aReader(qemu);
  guest.read();
  await pasted;
  await vi.waitFor(() => expect(guest.bytes()).toBe(64 * piece.length), 20_000);
});

test("what writers send who displace each other does not add up while the guest reads nothing", async () => {
  const { hub, qemu } = await aPort();
  qemu.pause();
  const frame = Buffer.alloc(256 * 1024, "a");
  const last = aClient();
  for (let writer = 0; writer < 100; writer += 1) {
    const { connection } = writer < 99 ? aClient() : last;
    hub.attach(connection, { user: "", readOnly: false }).input(frame);
  }
  expect(last.paused).toBe(true);
  const guest = aReader(qemu);
  guest.read();
  await vi.waitFor(() => expect(last.paused).toBe(false), 20_000);
  // What the kernel holds of the connection comes on top.
  expect(guest.bytes()).toBeLessThan(2 * 1024 ** 2);
});

test("input that is more than can ever wait is dropped, and keeps nobody waiting", async () => {
  const { hub, qemu } = await aPort();
  const client = aClient();
  const session = hub.attach(client.connection, { user: "", readOnly: false });
  session.input(Buffer.alloc(1024 ** 2, "a"));
  expect(client.paused).toBe(false);
  session.input(Buffer.from("b"));
  const [bytes] = (await once(qemu, "data")) as [Buffer];
  expect(bytes.toString()).toBe("b");
});

test("when the domain ends clients get its last words, then the reason", async () => {
  const { hub, qemu } = await aPort();
  const client = aClient({ slow: true });
  hub.attach(client.connection, watcher);
  qemu.end("last words");
  await hub.end("the guest has powered off");
  expect(client.text).toBe("last words");
  expect(client.closed).toEqual({ code: 1000, reason: "the guest has powered off" });
});

test("a new daemon's hub shows what the log has from the one before", async () => {
  const { hub, qemu, socket, logPath } = await aPort();
  qemu.write("before");
  await vi.waitFor(async () => expect(await readFile(logPath, "utf8")).toBe("before"), 20_000);
  await hub.stop("the node daemon restarts");
  const again = await SerialHub.open({ socket, logPath });
  onTestFinished(() => again.end("the test is over"));
  const client = aClient();
  again.attach(client.connection, watcher);
  expect(client.text).toBe("before");
});

test("where no log is kept, the last output is shown all the same", async () => {
  const { hub, qemu, logPath } = await aPort({ logPath: undefined });
  qemu.write("secret");
  const client = aClient();
  hub.attach(client.connection, watcher);
  await vi.waitFor(() => expect(client.text).toBe("secret"), 20_000);
  await hub.end("the test is over");
  await expect(readFile(logPath)).rejects.toThrow("ENOENT");
});

test("slow clients hold no more than the budget together, a quick one misses nothing, and all is given back", async () => {
  const budget = new Budget({ bytes: 2 * 1024 ** 2, kept: 0 });
  const { hub, qemu } = await aPort({ budget });
  const slow = Array.from({ length: 20 }, () => aClient({ slow: true, budget }));
  const quick = aClient({ budget });
  for (const { connection } of [...slow, quick]) hub.attach(connection, watcher);
  let written = 0;
  let most = 0;
  for (let piece = 0; piece < 64; piece += 1) {
    qemu.write(Buffer.alloc(64 * 1024, "a"));
    written += 64 * 1024;
    await vi.waitFor(() => expect(quick.text.length).toBe(written), { interval: 2, timeout: 20_000 });
    most = Math.max(most, budget.used);
  }
  expect(most).toBeLessThanOrEqual(budget.bytes);
  expect(most).toBeGreaterThan(1024 ** 2);
  // Each has one piece for sure, and what its part of the budget allows.
  const held = slow.reduce((sum, { text }) => sum + text.length, 0);
  expect(held).toBeLessThanOrEqual(20 * 64 * 1024 + budget.bytes / 2);
  for (const client of slow) while (client.inFlight() > 0) client.take();
  for (const client of slow) {
    const told = [...client.text.matchAll(/\r\n\[(\d+) bytes skipped: this client reads too slowly\]\r\n/g)];
    expect(told.length).toBeGreaterThan(0);
    const missed = told.reduce((sum, [notice, count]) => sum + Number(count) - notice.length, 0);
    expect(client.text.length + missed).toBe(written);
  }
  await hub.end("the test is over");
  expect(budget.used).toBe(0);
});

test("a guest that never stops writing is read in turns with the others, and loses nothing by that", async () => {
  const turns = new Turns();
  const noisy = await aPort({ turns });
  const quiet = await aPort({ turns });
  const listener = aClient();
  noisy.hub.attach(listener.connection, watcher);
  const line = `${"y".repeat(78)}\r\n`;
  let written = 0;
  // As QEMU does: a small write after the other, and the next when the socket takes it.
  const flood = async (): Promise<void> => {
    for (; written < 20_000; written += 1) {
      if (!noisy.qemu.write(line)) await once(noisy.qemu, "drain");
    }
  };
  const flooded = flood();
  const client = aClient();
  const session = quiet.hub.attach(client.connection, { user: "", readOnly: false });
  quiet.qemu.on("data", (bytes: Buffer) => quiet.qemu.write(bytes));
  for (let key = 1; key <= 20; key += 1) {
    session.input(Buffer.from("k"));
    await vi.waitFor(() => expect(client.text.length).toBe(key), { interval: 1, timeout: 20_000 });
  }
  await flooded;
  await vi.waitFor(() => expect(listener.text.length).toBe(20_000 * line.length), 20_000);
  expect(listener.text).toBe(line.repeat(20_000));
});
