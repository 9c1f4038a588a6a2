import { createServer, type Socket } from "node:net";
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import type { Certificates } from "../e2e/relay/certificates.ts";
import { DaemonClient } from "../e2e/relay/daemon-client.ts";

/**
 * Plays a guest that never stops writing, and the client that reads it, in a separate process. Its arguments are the
 * bytes of one write, and the path of its serial socket or `network`. It takes the lines `read` (with port, path and
 * certificates of a daemon), `flood`, `compute` and `rest`. It answers each with the number of bytes since the last answer.
 */
async function main(): Promise<void> {
  // The scheduler shares the processor between guests. We measure only the daemon's part.
  setPriority(19);
  const [, , size, path = ""] = process.argv;
  const block = Buffer.alloc(Number(size), "y");
  const sockets = new Set<Socket>();
  const writing = new Set<Socket>();
  let floods = false;
  let computes = false;
  let written = 0;
  // Like QEMU, write again only after the previous write was taken.
  const next = (socket: Socket): void => {
    if (!floods || socket.destroyed) {
      writing.delete(socket);
      return;
    }
    written += block.length;
    socket.write(block, () => next(socket));
  };
  const flood = (socket: Socket): void => {
    if (writing.has(socket)) return;
    writing.add(socket);
    next(socket);
  };
  const compute = (): void => {
    const until = performance.now() + 1;
    while (performance.now() < until);
    if (computes) setImmediate(compute);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    flood(socket);
  });
  const answer = (number: number): void => void process.stdout.write(`${number}\n`);
  server.once("listening", () => {
    const address = server.address();
    answer(typeof address === "object" && address ? address.port : 0);
  });
  if (path === "network") server.listen(0, "127.0.0.1");
  else server.listen(path);
  for await (const line of createInterface(process.stdin)) {
    const [word, ...rest] = line.split(" ");
    if (word === "read") {
      const [port, target, certificates] = JSON.parse(rest.join(" ")) as [number, string, Certificates];
      const { websocket } = await new DaemonClient(port, certificates).open(target);
      websocket.removeAllListeners("message").on("message", () => {});
    }
    floods = word === "flood";
    computes = word === "compute";
    if (computes) compute();
    if (floods) for (const socket of sockets) flood(socket);
    answer(written);
    written = 0;
  }
  process.exit();
}

await main();
