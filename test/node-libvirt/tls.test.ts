import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TlsOptions } from "node:tls";
import { expect, test } from "vitest";
import { Pki } from "../../cluster/pki.ts";
import { connect } from "../../node-libvirt/src/index.ts";
import { converse } from "./peer.ts";

/** A peer that speaks TLS; what it says first tells whether it accepts the client's certificate. */
async function tlsPeer(first: Buffer, options: TlsOptions) {
  const server = createServer(options, (socket) => {
    socket.on("error", () => {}).write(first);
    converse(socket, () => {});
  }).listen(0, "127.0.0.1");
  server.on("tlsClientError", () => {});
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return { uri: `qemu+tls://127.0.0.1:${port}/system`, [Symbol.dispose]: () => void server.close() };
}

test("over TLS libvirt's word on our certificate comes before all else", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "node-libvirt-"));
  const pki = new Pki(folder.path);
  const { certificate: ca } = await pki.authority("ca");
  const { certificate: cert, key } = await pki.issue("peer", "ca", { commonName: "peer", names: ["127.0.0.1"] });
  const options = { key, cert, ca, requestCert: true };
  const tls = { ca, cert, key };

  using accepting = await tlsPeer(Buffer.from([1]), options);
  const connection = await connect(accepting.uri, { tls });
  expect(connection.connected).toBe(true);
  await connection.close();
  await expect(connect(accepting.uri)).rejects.toMatchObject({ reason: "unreachable", cause: expect.any(Error) });

  using refusing = await tlsPeer(Buffer.from([0]), options);
  await expect(connect(refusing.uri, { tls })).rejects.toMatchObject({
    reason: "unreachable",
    cause: { message: "libvirt does not accept our certificate" },
  });
});
