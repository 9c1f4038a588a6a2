import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { nodeDaemon } from "../../../deploy/objects/node-daemon.ts";
import { budgetOf, defaultLimits } from "../../../node-daemon/server/limits.ts";
import { memoryLimitOf } from "../../deploy/memory-limit.ts";
import { makeCertificates } from "../../e2e/relay/certificates.ts";
import { DaemonClient } from "../../e2e/relay/daemon-client.ts";
import { DaemonProcess } from "../../e2e/relay/daemon-process.ts";
import { RawWebSocket } from "../../e2e/relay/raw-websocket.ts";

/** A serial port's end in QEMU, whose guest echoes, or floods. */
async function aPort(path: string, { floods }: { floods: boolean }) {
  const server = createServer((socket: Socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => socket.write(bytes));
    const flood = (): void => {
      while (!socket.destroyed && socket.write("y".repeat(4096)));
    };
    if (floods) socket.on("drain", flood);
    if (floods) flood();
  });
  server.listen(path);
  await once(server, "listening");
  return server;
}

/** A daemon in a process of its own: `default/vm-0` echoes, and `vm-1`, `vm-2` and `vm-3` flood. */
async function aDaemon() {
  const folder = await mkdtemp(join(tmpdir(), "hostile-clients-"));
  const certificates = await makeCertificates();
  const serial = [0, 1, 2, 3].map((number) => join(folder, `${number}.sock`));
  const ports = await Promise.all(serial.map((path, number) => aPort(path, { floods: number > 0 })));
  const tlsFolder = certificates.serverFolder;
  const daemon = await DaemonProcess.start({ name: "vm", serial, vnc: "", libvirt: "", logs: folder, tlsFolder });
  onTestFinished(async () => {
    await daemon.end("SIGKILL");
    for (const port of ports) port.close();
    await Promise.all([rm(folder, { recursive: true }), rm(dirname(tlsFolder), { recursive: true })]);
  });
  const memory = async (): Promise<number> => {
    const status = await readFile(`/proc/${daemon.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  };
  const console = (number: number, user: string): string =>
    `/v1/namespaces/default/virtualmachineinstances/vm-${number}/console?readOnly=true&user=${user}`;
  const client = new DaemonClient(daemon.port, certificates);
  const raw = (path: string) => RawWebSocket.open({ port: daemon.port, path, certificates });
  return { memory, console, client, raw };
}

test("a node full of clients with half a message each, which read nothing of a flood, leaves its daemon working", async () => {
  const { memory, console, client, raw } = await aDaemon();
  const mine = await client.open(console(0, "mine").replace("readOnly=true", "readOnly=false"));
  const before = await memory();
  const { connections, connectionsOfInstance, maxPayload } = defaultLimits;
  const hostile: RawWebSocket[] = [];
  onTestFinished(() => {
    for (const one of hostile) one.end();
  });
  const paths = Array.from({ length: connections - 1 }, (_, number) =>
    console(3 - Math.floor(number / connectionsOfInstance), `user-${number % 9}`),
  );
  // A few at a time, as the handshakes cost both ends.
  for (let from = 0; from < paths.length; from += 10) {
    hostile.push(...(await Promise.all(paths.slice(from, from + 10).map(raw))));
  }
  await expect(raw(console(0, "late"))).rejects.toThrow(/^429 .*this node has 256 connections/);
  let most = 0;
  await Promise.all(
    hostile.map(async (one) => {
      await one.half(maxPayload, 1000);
      most = Math.max(most, await memory());
    }),
  );
  // The consoles go on flooding; nobody reads.
  for (let key = 1; key <= 50; key += 1) {
    mine.send("k");
    await mine.until(() => mine.size === key);
    most = Math.max(most, await memory());
  }
  // The state of TLS and HTTP, and buffers that V8 has not collected yet, come on top.
  expect(most - before).toBeLessThan(budgetOf(defaultLimits).bytes + connections * 100 * 1024 + 64 * 1024 ** 2);
  expect(most).toBeLessThan(memoryLimitOf(nodeDaemon));
  for (const one of hostile) one.end();
  await vi.waitFor(() => raw(console(0, "late")).then((late) => late.end()), 20_000);
}, 240_000);
