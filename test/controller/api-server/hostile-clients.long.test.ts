import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { expect, onTestFinished, test, vi } from "vitest";
import { defaultLimits, type Limits } from "../../../controller/api-server/limits.ts";
import { makeCertificates } from "../../e2e/relay/certificates.ts";
import { DaemonClient } from "../../e2e/relay/daemon-client.ts";
import { DaemonProcess } from "../../e2e/relay/daemon-process.ts";
import { RawWebSocket } from "../../e2e/relay/raw-websocket.ts";
import type { ServingSetting } from "./serving.ts";

const program = join(import.meta.dirname, "serving.ts");

/** A port of a guest, which does with each connection what it is told. */
async function aGuest(serveOne: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => serveOne(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** The aggregated API server in front of a node daemon, each in a process of its own. */
async function anApiServer(limits: Partial<Limits> = {}) {
  const logs = await mkdtemp(join(tmpdir(), "hostile-api-"));
  const certificates = await makeCertificates();
  const { serverFolder: tlsFolder, ca, controller } = certificates;
  const setting = { name: "vm", serial: [], vnc: "", libvirt: "", logs, tlsFolder, address: "127.0.0.1" };
  const daemon = await DaemonProcess.start({ ...setting, instances: 4 });
  const told: ServingSetting = {
    tlsFolder,
    ca,
    cert: controller.certificate,
    key: controller.key,
    daemonPort: daemon.port,
    limits,
  };
  // As its image starts it.
  const flags = ["--max-semi-space-size=1", "--optimize-for-size"];
  const child: ChildProcess = spawn(process.execPath, [...flags, program, JSON.stringify(told)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = child.stdout ? ((await once(child.stdout, "data")) as [Buffer]) : [];
  const port = Number(line?.toString());
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await daemon.end("SIGKILL");
    await Promise.all([rm(logs, { recursive: true }), rm(dirname(tlsFolder), { recursive: true })]);
  });
  const path = (instance: string, more: string): string =>
    `/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/${instance}/${more}`;
  const as = (user: string): Record<string, string> => ({ "x-remote-user": user });
  return {
    path,
    memory: async (): Promise<number> => {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    raw: (target: string, user: string) => RawWebSocket.open({ port, path: target, certificates }, as(user)),
    client: new DaemonClient(port, certificates, as("me")),
    /** A connection of a client that has shown a good certificate. */
    connection: (): TLSSocket => {
      const { certificate: cert, key } = certificates.controller;
      const socket = connect({ ca, cert, key, host: "127.0.0.1", port, servername: "virt-node-daemon" });
      return socket.on("error", () => {});
    },
  };
}

test("clients and guests that both send and read nothing fill no more of the API server than their part", async () => {
  const most = 70;
  const { path, memory, raw, client } = await anApiServer();
  const block = Buffer.alloc(64 * 1024, "y");
  let sent = 0;
  const flooding = await aGuest((socket) => {
    socket.pause();
    const flood = (): void => {
      while (!socket.destroyed && socket.write(block, () => (sent += block.length)));
    };
    socket.on("drain", flood);
    flood();
  });
  const echoing = await aGuest((socket) => void socket.on("data", (bytes) => socket.write(bytes)));
  const mine = await client.open(path("vm-0", `portforward/${echoing}`));
  const before = await memory();
  const hostile: RawWebSocket[] = [];
  onTestFinished(() => {
    for (const one of hostile) one.end();
  });
  for (let number = 0; number < most; number += 1) {
    const one = await raw(path("vm-1", `portforward/${flooding}`), `user-${number}`);
    hostile.push(one);
    for (let frame = 0; frame < 64; frame += 1) one.message(block);
  }
  // Until nothing moves any more.
  let seen = -1;
  await vi.waitFor(
    () => {
      const stands = sent === seen;
      seen = sent;
      expect(stands).toBe(true);
    },
    { interval: 500, timeout: 60_000 },
  );
  mine.send("still there");
  await mine.until("still there");
  const session = 2 * 100 * 1024;
  // V8 lets 64 MiB of buffers gather before it collects them, and the code that now runs is compiled.
  const garbage = 96 * 1024 ** 2;
  expect((await memory()) - before).toBeLessThan(most * (defaultLimits.connectionBytes + session) + garbage);
}, 120_000);

test("a user, and an instance, have so many connections at the API server, and who is refused is told why", async () => {
  const { path, raw } = await anApiServer({ connectionsOfUser: 3, connectionsOfInstance: 5 });
  const port = await aGuest(() => {});
  const open = (instance: string, user: string) => raw(path(instance, `portforward/${port}`), user);
  const [first] = await Promise.all(["vm-0", "vm-1", "vm-1"].map((instance) => open(instance, "ann")));
  await expect(open("vm-2", "ann")).rejects.toThrow(/^429 .*user .*ann.* has 3 connections .* the most that a user/);
  for (const user of ["bob", "cem", "dan"]) await open("vm-1", user);
  await expect(open("vm-1", "eve")).rejects.toThrow(/^429 .*vm-1.* has 5 connections .* the most that an instance/);
  first?.end();
  await vi.waitFor(() => open("vm-2", "ann"), 20_000);
}, 60_000);

test("a body is no larger than options are, and a path holds no name that is longer than any", async () => {
  const { path, client } = await anApiServer();
  const list = JSON.stringify({ dryRun: [], more: Array.from({ length: 40_000 }, () => ({})) });
  const answer = await client.request("PUT", path("vm-0", "pause"), { body: list });
  expect([answer.code, answer.body.toString()]).toEqual([413, expect.stringContaining("larger than 65536 bytes")]);
  const long = await client.request("GET", path("x".repeat(500_000), "vnc/screenshot"));
  expect([long.code, long.body.toString()]).toEqual([
    400,
    expect.stringContaining("has 500000 characters, more than 253"),
  ]);
}, 60_000);

test("answers of a megabyte that nobody reads fill no more of the API server than is lent", async () => {
  const { memory, client, connection } = await anApiServer();
  const requests = 20;
  const target = "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/vm/expand-spec";
  const ask = async (path = target) => {
    const { code, body } = await client.request("GET", path);
    return { code, length: body.length, said: body.toString("utf8", 0, 300) };
  };
  const { code, length } = await ask();
  expect([code, length]).toEqual([200, expect.any(Number)]);
  const before = await memory();
  const hostile: TLSSocket[] = [];
  onTestFinished(() => {
    for (const socket of hostile) socket.destroy();
  });
  // What the kernel takes of the answers is not ours any more, so there have to be more and more.
  await vi.waitFor(
    async () => {
      const socket = connection().pause();
      socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nX-Remote-User: eve\r\n\r\n`.repeat(requests));
      hostile.push(socket);
      const another = await ask();
      expect([another.code, another.said]).toEqual([429, expect.stringContaining("too many answers wait")]);
      expect(hostile.length * requests * length).toBeGreaterThan(512 * 1024 ** 2);
    },
    { interval: 50, timeout: 90_000 },
  );
  expect((await ask("/apis/subresources.kubevirt.io")).code).toBe(200);
  expect((await memory()) - before).toBeLessThan(defaultLimits.sharedBytes + 128 * 1024 ** 2);
  for (const socket of hostile) socket.destroy();
  await vi.waitFor(async () => expect((await ask()).code).toBe(200), 20_000);
}, 120_000);
