import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { up } from "../../cluster/up.ts";
import { type Certificates, makeCertificates } from "../e2e/relay/certificates.ts";
import { type Channel, DaemonClient } from "../e2e/relay/daemon-client.ts";
import { DaemonProcess } from "../e2e/relay/daemon-process.ts";
import type { DaemonSetting } from "../e2e/relay/running-daemon.ts";
import { startSerialGuest } from "../e2e/relay/serial-guest.ts";
import { command, directly, echoesOf, type Line, logIn, through } from "./line.ts";
import { type Bench, percentile, type Row, rowOf } from "./measurement.ts";

const rounds = 4;
/** Echoes in each round. */
const echoes = 50;
const floods = 2;
/** Seconds between a flood and the mark of its end. */
const pause = 0.5;
const watchers = 10;

/** The two kinds of serial port, and the size of a flood on each. */
const kinds = [
  { name: "ttyS0", flood: 100_000 },
  { name: "hvc0", flood: 500_000 },
] as const;

/** Compares a serial console through the relay with QEMU's own socket: a flood from the guest, and a key's echo. */
export const bench: Bench = async ({ cluster, step }) => {
  await step.step("cluster", (work) => up(cluster, { nodes: 1 }, work));
  const node = cluster.node(1);
  const folder = await mkdtemp(join(tmpdir(), "bench-console-"));
  const certificates = await makeCertificates();
  const guest = await step.step("guest", () => startSerialGuest(node, "console"));
  try {
    const libvirt = `${await node.bundle.rootFolder()}/run/libvirt/libvirt-sock`;
    const { serverFolder: tlsFolder } = certificates;
    const setting = { name: "bench", vnc: guest.vnc, libvirt, logs: folder, tlsFolder };
    await guest.virsh("resume");
    const rows: Row[] = [];
    for (const kind of kinds) {
      const socket = guest[kind.name];
      await step.step(`log in on ${kind.name}`, () => loggedIn(socket));
      const one = { ...setting, serial: [socket] };
      rows.push(...(await step.step(kind.name, () => measure(kind, socket, one, certificates))));
    }
    return rows;
  } finally {
    await guest.end();
    await rm(folder, { recursive: true });
  }
};

async function measure(
  { name, flood }: (typeof kinds)[number],
  socket: string,
  setting: DaemonSetting,
  certificates: Certificates,
): Promise<Row[]> {
  const relayed = async (extra: number): Promise<Figures> => {
    const daemon = await DaemonProcess.start(setting);
    const client = new DaemonClient(daemon.port, certificates);
    const path = "/v1/namespaces/default/virtualmachineinstances/bench-0/console";
    const others: Channel[] = [];
    for (let number = 0; number < extra; number += 1) others.push(await client.open(`${path}?readOnly=true`));
    for (const { websocket } of others) websocket.removeAllListeners("message").on("message", () => {});
    const since = performance.now();
    const channel = await client.open(path);
    const upgrade = performance.now() - since;
    const found = { ...(await figures(through(channel.websocket), flood)), upgrade: [upgrade] };
    for (const other of others) await other.close();
    await daemon.end("SIGTERM");
    return found;
  };
  const floor: Figures = { flood: [], echo: [], upgrade: [] };
  const alone: Figures = { flood: [], echo: [], upgrade: [] };
  const watched: Figures = { flood: [], echo: [], upgrade: [] };
  // In turns, because the computer's speed changes over time.
  for (let round = 0; round < rounds; round += 1) {
    const since = performance.now();
    const line = await directly(socket);
    const upgrade = performance.now() - since;
    add(floor, { ...(await figures(line, flood)), upgrade: [upgrade] });
    add(alone, await relayed(0));
    add(watched, await relayed(watchers));
  }
  const rows = (how: string, found: Figures): Row[] => {
    const echo = percentile(floor.echo, 50);
    return [
      rowOf(`${name}: flood, ${how}`, "s/MB", found.flood, {
        floor: percentile(floor.flood, 50),
        bar: 1 / 0.9,
      }),
      rowOf(`${name}: echo, ${how}`, "ms", found.echo, { floor: echo, bar: (1.3 * echo + 1) / echo }),
      rowOf(`${name}: upgrade, ${how}`, "ms", found.upgrade),
    ];
  };
  return [
    rowOf(`${name}: flood, QEMU's own socket`, "s/MB", floor.flood),
    rowOf(`${name}: echo, QEMU's own socket`, "ms", floor.echo),
    rowOf(`${name}: connect, QEMU's own socket`, "ms", floor.upgrade),
    ...rows("1 writer", alone),
    ...rows(`1 writer, ${watchers} watchers`, watched),
  ];
}

interface Figures {
  /** Seconds for each received MB of a flood. */
  flood: number[];
  /** Milliseconds for each echo. */
  echo: number[];
  /** Milliseconds until the line was open. */
  upgrade: number[];
}

function add(to: Figures, { flood, echo, upgrade }: Figures): void {
  to.flood.push(...flood);
  to.echo.push(...echo);
  to.upgrade.push(...upgrade);
}

/** Measures a line to a shell, and closes it. */
async function figures(line: Line, size: number): Promise<Omit<Figures, "upgrade">> {
  await command(
    line,
    `[ -e /tmp/flood-${size} ] || yes 0123456789abcdef0123456789abcdef0123456789abcdef | head -c ${size} > /tmp/flood-${size}`,
  );
  const flood: number[] = [];
  for (let number = 0; number < floods; number += 1) {
    // QEMU drops output while its socket is full, even the end mark. So the mark comes after a pause.
    const { seconds, bytes } = await command(line, `cat /tmp/flood-${size}; sleep ${pause}`);
    flood.push((seconds - pause) / (bytes / 1e6));
  }
  const echo = await echoesOf(line, echoes);
  await line.close();
  return { flood, echo };
}

async function loggedIn(socket: string): Promise<void> {
  const line = await directly(socket);
  await logIn(line);
  await line.close();
}
