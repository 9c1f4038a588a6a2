import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectToQemu } from "../../../node-daemon/relay/qemu-socket.ts";

let folder: string;
let server: Server;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "qemu-socket-"));
  server = createServer((socket) => socket.end("hello")).listen(join(folder, "socket"));
  await once(server, "listening");
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** What is read from a socket. */
async function read(name: string): Promise<string> {
  const socket = connectToQemu(join(folder, name));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test("a socket of QEMU's is connected to", async () => {
  expect(await read("socket")).toBe("hello");
});

test("a link is not followed, also where it leads to a socket", async () => {
  await symlink(join(folder, "socket"), join(folder, "link"));
  await expect(read("link")).rejects.toThrow("link is no socket");
});

test("what is no socket, or not there, is an error of the connection", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(read("file")).rejects.toThrow("file is no socket");
  await expect(read("nothing")).rejects.toMatchObject({ code: "ENOENT" });
});
