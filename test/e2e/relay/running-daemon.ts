import { buffer } from "node:stream/consumers";
import { Consoles } from "../../../node-daemon/relay/consoles.ts";
import type { SerialHubOptions } from "../../../node-daemon/relay/serial-hub.ts";
import type { Instance, ServerBackend } from "../../../node-daemon/server/backend.ts";
import { budgetOf, defaultLimits } from "../../../node-daemon/server/limits.ts";
import { NodeServer } from "../../../node-daemon/server/server.ts";
import { connect } from "../../../node-libvirt/src/index.ts";

/** The settings of a daemon under test with one domain, `default/NAME`. */
export interface DaemonSetting {
  readonly name: string;
  /** Sockets of its serial ports and of its screen. */
  readonly serial: readonly string[];
  readonly vnc: string;
  readonly libvirt: string;
  /** Folder of the logs. */
  readonly logs: string;
  readonly tlsFolder: string;
  readonly port?: number;
  readonly hub?: Omit<SerialHubOptions, "socket" | "logPath">;
  readonly pingInterval?: number;
  readonly address?: string;
  /** The number of instances; by default the number of serial ports. */
  readonly instances?: number;
}

/** The relay and server of a node daemon around domains that it did not start. */
export interface RunningDaemon {
  readonly server: NodeServer;
  readonly consoles: Consoles;
  /** Ends the domain's consoles, as after the domain's end. */
  endDomain(reason: string): Promise<void>;
  stop(reason: string): Promise<void>;
}

/** Starts relay and server. Each serial port is an instance of its own: `default/NAME-0`, `default/NAME-1`, … */
export async function runDaemon(setting: DaemonSetting): Promise<RunningDaemon> {
  const budget = budgetOf(defaultLimits);
  const consoles = new Consoles({ budget, ...setting.hub });
  const logOf = (number: number): string => `${setting.logs}/serial${number}.log`;
  const hubs = await Promise.all(
    setting.serial.map((socket, number) => consoles.open(String(number), { socket, logPath: logOf(number) })),
  );
  await Promise.all(hubs.map((hub) => hub.whenConnected(AbortSignal.timeout(60_000))));
  let phase = "Running";
  let paused = false;
  const find = (namespace: string, name: string): Instance | undefined => {
    const { serial, instances = serial.length } = setting;
    const number = Array.from({ length: instances }, (_, index) => `${setting.name}-${index}`).indexOf(name);
    if (namespace !== "default" || number < 0) return undefined;
    const port = { hub: consoles.find(String(number)), log: logOf(number), previousLog: undefined };
    const identity = { namespace, name, uid: name };
    return {
      ...identity,
      phase,
      paused,
      serialPorts: [port],
      vncSocket: setting.vnc,
      address: async () => setting.address,
    };
  };
  const domain = async <T>(work: (domain: Awaited<ReturnType<typeof lookUp>>["domain"]) => Promise<T>): Promise<T> => {
    const { connection, domain: found } = await lookUp(setting);
    try {
      return await work(found);
    } finally {
      await connection.close();
    }
  };
  const none = async (): Promise<void> => {
    throw new Error("not in this test");
  };
  const ports: ServerBackend = {
    instances: { find, serialPorts: (namespace, name) => find(namespace, name)?.serialPorts },
    operations: {
      pause: () =>
        domain(async (found) => {
          await found.suspend();
          paused = true;
        }),
      unpause: () =>
        domain(async (found) => {
          await found.resume();
          paused = false;
        }),
      softreboot: none,
      reset: () => domain((found) => found.reset()),
      freeze: none,
      unfreeze: none,
    },
    screenshots: {
      take: () =>
        domain(async (found) => {
          const { mime, stream } = await found.screenshot();
          if (mime !== "image/png") throw new Error(`libvirt gives ${mime}`);
          return buffer(stream);
        }),
    },
    healthy: async () => {},
    ready: async () => {},
  };
  const { tlsFolder, port = 0, pingInterval } = setting;
  const server = await NodeServer.start(ports, {
    tlsFolder,
    port,
    host: "127.0.0.1",
    budget,
    ...(pingInterval === undefined ? {} : { pingInterval }),
  });
  return {
    server,
    consoles,
    async endDomain(reason) {
      phase = "Succeeded";
      await Promise.all(setting.serial.map((_, number) => consoles.end(String(number), reason)));
    },
    async stop(reason) {
      await consoles.stop(reason);
      await server.stop(reason);
    },
  };
}

async function lookUp({ libvirt, name }: DaemonSetting) {
  const connection = await connect(libvirt);
  return { connection, domain: await connection.lookupByName(name) };
}
