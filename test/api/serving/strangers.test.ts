import { once } from "node:events";
import { rm } from "node:fs/promises";
import https from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { dirname } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { expect, onTestFinished, test, vi } from "vitest";
import { limitUntrustedConnections, timeLimits } from "../../../api/serving/strangers.ts";
import { readTlsFiles } from "../../../node-daemon/server/tls-files.ts";
import { makeCertificates } from "../../e2e/relay/certificates.ts";

/** A server that keeps three strangers. */
async function aServer(options: https.ServerOptions = {}) {
  const certificates = await makeCertificates();
  const tls = await readTlsFiles(certificates.serverFolder);
  const server = https.createServer({
    ...tls,
    requestCert: true,
    rejectUnauthorized: false,
    ...timeLimits,
    ...options,
  });
  limitUntrustedConnections(server, 3);
  server.on("request", (_, response) => response.end("well"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const sockets: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
    await rm(dirname(certificates.serverFolder), { recursive: true });
  });
  const known = async (): Promise<TLSSocket> => {
    const { certificate: cert, key } = certificates.controller;
    const socket = connect({ port, host: "127.0.0.1", ca: certificates.ca, cert, key, servername: "virt-node-daemon" });
    sockets.push(socket);
    await once(socket, "secureConnect");
    return socket;
  };
  const stranger = (): Socket => {
    const socket = connectTcp(port, "127.0.0.1");
    socket.on("error", () => {});
    sockets.push(socket);
    return socket;
  };
  const health = async (): Promise<string> => {
    const request = https.get({ port, host: "127.0.0.1", rejectUnauthorized: false, agent: false });
    const [response] = await once(request, "response");
    return (await response.toArray()).join("");
  };
  return { known, stranger, health };
}

test("connections without a certificate keep out neither who has one nor who asks for health", async () => {
  const { known, stranger, health } = await aServer();
  const before = await known();
  const silent = Array.from({ length: 50 }, stranger);
  await vi.waitFor(() => expect(silent.filter((socket) => !socket.destroyed).length).toBeLessThanOrEqual(3), 20_000);
  expect(await health()).toBe("well");
  const after = await known();
  expect([before.destroyed, after.destroyed]).toEqual([false, false]);
});

test("a client that says nothing, or half of its headers, is not waited for", async () => {
  const { known, stranger } = await aServer({
    handshakeTimeout: 200,
    headersTimeout: 200,
    connectionsCheckingInterval: 50,
  });
  const silent = stranger();
  const slow = await known();
  slow.on("error", () => {}).resume();
  slow.write("GET / HTTP/1.1\r\nX-Slow: ");
  await Promise.all([once(silent, "close"), once(slow, "close")]);
  expect([silent.destroyed, slow.destroyed]).toEqual([true, true]);
});
