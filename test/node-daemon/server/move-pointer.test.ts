import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { movePointer } from "../../../node-daemon/server/move-pointer.ts";

let path: string;
const cleanUps: (() => unknown)[] = [];

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "move-pointer-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  path = join(folder, "vnc.sock");
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/**
 * Serves one viewer by a script of what is said and how many bytes are awaited; `over` resolves when it has come to its
 * end, `sent` to all that the viewer has sent.
 */
async function aServer(...script: (Buffer | number)[]): Promise<{ over: Promise<void>; sent: Promise<Buffer> }> {
  const server = createServer().listen(path);
  await once(server, "listening");
  cleanUps.push(() => server.close());
  const over = Promise.withResolvers<void>();
  const serve = async (): Promise<Buffer> => {
    const [socket] = (await once(server, "connection")) as [Socket];
    cleanUps.push(() => socket.destroy());
    let got = Buffer.alloc(0);
    let awaited = 0;
    socket.on("data", (bytes: Buffer) => {
      got = Buffer.concat([got, bytes]);
    });
    for (const part of script) {
      if (typeof part === "number") {
        awaited += part;
        while (got.length < awaited) await once(socket, "data");
      } else socket.write(part);
    }
    over.resolve();
    await once(socket, "close");
    return got;
  };
  return { over: over.promise, sent: serve() };
}

const hello = Buffer.from("RFB 003.008\n");
const none = Buffer.from([2, 16, 1]);
const accepted = Buffer.alloc(4);
/** 800 by 600, with a pixel format and a name. */
const screen = Buffer.concat([
  Buffer.from([0x03, 0x20, 0x02, 0x58]),
  Buffer.alloc(16),
  Buffer.from([0, 0, 0, 1, 0x76]),
]);
const { signal } = new AbortController();

test("the pointer is moved by a pixel in the middle of the screen, by a viewer that lets others stay", async () => {
  const { sent } = await aServer(hello.subarray(0, 5), hello.subarray(5), 12, none, 1, accepted, 1, screen, 12);
  await movePointer(path, signal);
  expect([...(await sent).subarray(12)]).toEqual([1, 1, 5, 0, 0x01, 0x90, 0x01, 0x2c, 5, 0, 0x01, 0x91, 0x01, 0x2c]);
});

test.for([
  ["another version", [Buffer.from("RFB 003.003\n")], 'QEMU speaks "RFB 003.003", not RFB 3.8'],
  ["a password", [hello, 12, Buffer.from([1, 2])], "QEMU wants to know who we are"],
  ["no security at all", [hello, 12, Buffer.from([0])], "QEMU wants to know who we are"],
  ["a refusal", [hello, 12, none, 1, Buffer.from([0, 0, 0, 1])], "QEMU refuses one more viewer"],
] as const)("%s is an error", async ([, script, message]) => {
  const { sent } = await aServer(...script);
  await expect(movePointer(path, signal)).rejects.toMatchObject({ cause: { message } });
  await sent;
});

test("a connection that is closed in the middle is an error, and one that is not there", async () => {
  await expect(movePointer(path, signal)).rejects.toThrow("the socket is not there");
  const server = createServer((socket) => socket.resume().end(hello.subarray(0, 3))).listen(path);
  cleanUps.push(() => server.close());
  await once(server, "listening");
  await expect(movePointer(path, signal)).rejects.toMatchObject({ cause: { message: "QEMU closed the connection" } });
});

test("a silent one is given up with the request", async () => {
  const { over, sent } = await aServer(hello, 12);
  const request = new AbortController();
  const moved = movePointer(path, request.signal);
  void over.then(() => request.abort());
  await expect(moved).rejects.toThrow("moving the pointer by VNC");
  expect((await sent).toString()).toBe("RFB 003.008\n");
});
