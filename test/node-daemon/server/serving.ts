import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { SerialHub } from "../../../node-daemon/relay/serial-hub.ts";
import type { Instance, ServerBackend } from "../../../node-daemon/server/backend.ts";
import { NodeServer, type ServerOptions } from "../../../node-daemon/server/server.ts";
import { type Certificates, makeCertificates } from "../../e2e/relay/certificates.ts";
import { DaemonClient } from "../../e2e/relay/daemon-client.ts";

export let certificates: Certificates;
export const cleanUps: (() => unknown)[] = [];

/** Makes the certificates for the tests of a file, and cleans up after each. A file calls it once. */
export function useServing(): void {
  beforeAll(async () => {
    certificates = await makeCertificates();
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });
  afterAll(() => rm(dirname(certificates.serverFolder), { recursive: true }));
}

export function anInstance(more: Partial<Instance> = {}): Instance {
  const identity = { namespace: "default", name: "vm", uid: "1" };
  return {
    ...identity,
    phase: "Running",
    paused: false,
    serialPorts: [],
    vncSocket: undefined,
    address: async () => undefined,
    ...more,
  };
}

export async function serve(
  instance: Partial<Instance> = {},
  ports: Partial<ServerBackend> = {},
  options: Partial<ServerOptions> = {},
) {
  const nothing = async (): Promise<void> => {};
  const find = (namespace: string, name: string): Instance | undefined =>
    `${namespace}/${name}` === "default/vm" ? anInstance(instance) : undefined;
  const server = await NodeServer.start(
    {
      instances: { find, serialPorts: (namespace, name) => find(namespace, name)?.serialPorts },
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
      ...ports,
    },
    { tlsFolder: certificates.serverFolder, port: 0, host: "127.0.0.1", ...options },
  );
  cleanUps.push(() => server.stop("the test is over"));
  return { server, client: new DaemonClient(server.port, certificates) };
}

/** Starts a local TCP server that passes each connection to a function. */
export async function aGuest(serveOne: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer(serveOne).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** Starts a server with an instance that has a serial port, and QEMU's end of that port. */
export async function serveConsole(options: Partial<ServerOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "server-console-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  const qemu = createServer().listen(join(folder, "serial.sock"));
  cleanUps.push(() => qemu.close());
  const connected = once(qemu, "connection") as Promise<[Socket]>;
  const hub = await SerialHub.open({ socket: join(folder, "serial.sock"), logPath: join(folder, "serial.log") });
  cleanUps.push(() => hub.end("the test is over"));
  const port = { hub, log: join(folder, "serial.log"), previousLog: undefined };
  return { ...(await serve({ serialPorts: [port] }, {}, options)), connected };
}
