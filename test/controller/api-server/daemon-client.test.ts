import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { daemonServerName, sharedServerName } from "../../../api/contract/daemon-certificate.ts";
import { DaemonClient } from "../../../controller/api-server/daemon-client.ts";
import { validityAt } from "../../../controller/certificates/authorities.ts";
import { issue, type KeyPair, makeAuthority } from "../../../controller/certificates/authority.ts";
import { daemonSubject, subjects } from "../../../controller/certificates/subjects.ts";
import { NodeServer } from "../../../node-daemon/server/server.ts";
import type { OwnPair } from "../../../node-daemon/server/serving-tls.ts";
import { pause } from "../pause-request.ts";

const validity = validityAt(Date.now(), 3_600_000);
const cleanUps: (() => unknown)[] = [];
let folder: string;
let authority: KeyPair;
let controller: KeyPair;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "daemon-client-"));
  authority = await makeAuthority("ca", validity);
  const { daemon, controller: ours } = subjects("virt-api", "kubevirt");
  const shared = await issue(authority, daemon, validity);
  controller = await issue(authority, ours, validity);
  await writeFile(join(folder, "ca.crt"), authority.certificate);
  await writeFile(join(folder, "tls.crt"), shared.certificate);
  await writeFile(join(folder, "tls.key"), shared.key);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});
afterAll(() => rm(folder, { recursive: true }));

/** The certificate of a node's daemon that it may get or lose while it serves. */
class Own implements OwnPair {
  #pair: ReturnType<OwnPair["current"]>;
  #changed: () => void = () => {};

  async of(node: string): Promise<this> {
    const { certificate: cert, key } = await issue(authority, daemonSubject(node), validity);
    this.#pair = { cert, key };
    this.#changed();
    return this;
  }

  current(): ReturnType<OwnPair["current"]> {
    return this.#pair;
  }

  subscribe(listener: () => void): void {
    this.#changed = listener;
  }
}

/** A node daemon's server; without `own` one of the release before. */
async function aDaemon(own?: Own): Promise<NodeServer> {
  const nothing = async (): Promise<void> => {};
  const find = () => ({
    namespace: "default",
    name: "vm",
    uid: "1",
    phase: "Running",
    paused: false,
    serialPorts: [],
    vncSocket: undefined,
    address: async () => undefined,
  });
  const server = await NodeServer.start(
    {
      instances: { find, serialPorts: () => [] },
      operations: {
        pause: nothing,
        unpause: nothing,
        softreboot: nothing,
        reset: nothing,
        freeze: nothing,
        unfreeze: nothing,
      },
      screenshots: { take: async () => Buffer.from("png") },
      healthy: nothing,
      ready: nothing,
    },
    { tlsFolder: folder, port: 0, host: "127.0.0.1", ...(own ? { own } : {}) },
  );
  cleanUps.push(() => server.stop("the test is over"));
  return server;
}

/** Asks the daemon that is believed to be a node's; resolves to the status or the refusal. */
async function dialled({ port }: NodeServer, node: string, serverName = daemonServerName(node)): Promise<unknown> {
  const tls = { ca: authority.certificate, cert: controller.certificate, key: controller.key };
  const client = new DaemonClient({
    daemons: { find: () => ({ address: "127.0.0.1", serverName }) },
    tls: () => tls,
    port,
  });
  cleanUps.push(() => client.close());
  try {
    const answer = await client.send(node, pause, AbortSignal.timeout(20_000));
    answer.resume();
    return answer.statusCode;
  } catch (error) {
    return (error as Error).message;
  }
}

test("a node's daemon is reached by the name of its node", async () => {
  expect(await dialled(await aDaemon(await new Own().of("node-1")), "node-1")).toBe(200);
});

test("another node's daemon is not taken for it, whatever address it has", async () => {
  const stranger = await aDaemon(await new Own().of("node-2"));
  expect(await dialled(stranger, "node-1")).toMatch(
    /^the node daemon of node "node-1" does not answer: .*Host: node-1\.virt-node-daemon\. is not in the cert's altnames: DNS:node-2\.virt-node-daemon$/,
  );
});

test("neither is one that shows what the daemons of the release before share", async () => {
  expect(await dialled(await aDaemon(), "node-1")).toContain("is not in the cert's altnames: DNS:virt-node-daemon");
  const server = await issue(authority, subjects("virt-api", "kubevirt").server, validity);
  const own = { current: () => ({ cert: server.certificate, key: server.key }), subscribe: () => {} };
  expect(await dialled(await aDaemon(own as unknown as Own), "node-1")).toContain("is not in the cert's altnames");
});

test("a daemon of the release before is reached by the name that those share", async () => {
  expect(await dialled(await aDaemon(), "node-1", sharedServerName)).toBe(200);
});

test("a controller of the release before reaches this release's daemons by that name", async () => {
  const own = new Own();
  const daemon = await aDaemon(own);
  expect(await dialled(daemon, "node-1", sharedServerName)).toBe(200);
  await own.of("node-1");
  expect(await dialled(daemon, "node-1", sharedServerName)).toBe(200);
});

test("a daemon shows its certificate as soon as it has one", async () => {
  const own = new Own();
  const daemon = await aDaemon(own);
  expect(await dialled(daemon, "node-1")).toContain("altnames");
  await own.of("node-1");
  expect(await dialled(daemon, "node-1")).toBe(200);
});

test("no session is resumed: each connection shows its certificate again", async () => {
  const { port } = await aDaemon(await new Own().of("node-1"));
  const options = {
    host: "127.0.0.1",
    port,
    servername: daemonServerName("node-1"),
    ca: authority.certificate,
    cert: controller.certificate,
    key: controller.key,
  };
  const opened = async (session?: Buffer): Promise<{ socket: TLSSocket; session: Buffer | undefined }> => {
    const socket = connect({ ...options, ...(session ? { session } : {}) });
    cleanUps.push(() => socket.destroy());
    let given: Buffer | undefined;
    socket.on("session", (one: Buffer) => (given = one));
    const answered = once(socket, "data");
    socket.write("GET /healthz HTTP/1.1\r\nhost: node\r\n\r\n");
    await answered;
    return { socket, session: given };
  };
  const first = await opened();
  const second = await opened(first.session);
  expect(second.socket.isSessionReused()).toBe(false);
});
