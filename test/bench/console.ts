import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { up } from "../cluster/up.ts";
import { type Certificates, makeCertificates } from "../e2e/relay/certificates.ts";
import { type Channel, DaemonClient } from "../e2e/relay/daemon-client.ts";
import { DaemonProcess } from "../e2e/relay/daemon-process.ts";
import type { DaemonSetting } from "../e2e/relay/running-daemon.ts";
import { startSerialGuest } from "../e2e/relay/serial-guest.ts";
import { type Bench, percentile, type Row, rowOf } from "./measurement.ts";

const rounds = 4;
/** Of each round. */
const echoes = 50;
const floods = 2;
/** Seconds between a flood and the mark of its end. */
const pause = 0.5;
const watchers = 10;

/** The two kinds of serial port: what a flood of one is. */
const kinds = [
  { name: "ttyS0", flood: 100_000 },
  { name: "hvc0", flood: 500_000 },
] as const;

/** A way to a console: QEMU's own socket, or the relay. */
interface Line {
  send(text: string): void;
  /** Calls back with each chunk from now on, in the place of whoever listened before. */
  listen(listener: (bytes: Buffer) => void): void;
  /** How many bytes have come. */
  received(): number;
  close(): Promise<void>;
}

/** A serial console through the relay against QEMU's own socket: a flood from the guest and the echo of a key. */
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
      await step.step(`log in on ${kind.name}`, () => logIn(socket));
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
    const found = { ...(await figures(through(channel), flood)), upgrade: [upgrade] };
    for (const other of others) await other.close();
    await daemon.end("SIGTERM");
    return found;
  };
  const floor: Figures = { flood: [], echo: [], upgrade: [] };
  const alone: Figures = { flood: [], echo: [], upgrade: [] };
  const watched: Figures = { flood: [], echo: [], upgrade: [] };
  // In turns, since the machine is not as fast at all times.
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
  /** Seconds for each MB of a flood that arrived. */
  flood: number[];
  /** Milliseconds of each echo. */
  echo: number[];
  /** Milliseconds until the line was there. */
  upgrade: number[];
}

function add(to: Figures, { flood, echo, upgrade }: Figures): void {
  to.flood.push(...flood);
  to.echo.push(...echo);
  to.upgrade.push(...upgrade);
}

/** Measures a line at whose end is a shell, and closes it. */
async function figures(line: Line, size: number): Promise<Omit<Figures, "upgrade">> {
  await command(
    line,
    `[ -e /tmp/flood-${size} ] || yes 0123456789abcdef0123456789abcdef0123456789abcdef | head -c ${size} > /tmp/flood-${size}`,
  );
  const flood: number[] = [];
  for (let number = 0; number < floods; number += 1) {
    // QEMU drops what comes while its socket is full, even the mark of the end: that comes after a rest.
    const { seconds, bytes } = await command(line, `cat /tmp/flood-${size}; sleep ${pause}`);
    flood.push((seconds - pause) / (bytes / 1e6));
  }
  const ready = answer(line, /ready\r\n/);
  line.send('echo re""ady; cat > /dev/null\r');
  await ready;
  const echo: number[] = [];
  for (let number = 0; number < echoes; number += 1) {
    const since = performance.now();
    const echoed = answer(line, /x/);
    line.send("x");
    await echoed;
    echo.push(performance.now() - since);
  }
  const prompt = answer(line, /# /);
  line.send("\u0003");
  await prompt;
  await line.close();
  return { flood, echo };
}

/** How many commands were run: the end of each is told by its number, since a replay holds those before. */
let commands = 0;

/** Runs a command, and returns the time to its end and how much it wrote. */
async function command(line: Line, text: string): Promise<{ seconds: number; bytes: number }> {
  commands += 1;
  const since = performance.now();
  const before = line.received();
  let until = 0;
  // The shell loses what is typed between its command's end and its prompt.
  const end = answer(line, new RegExp(`done-${commands}\r\n`), () => (until = performance.now())).then((rest) =>
    answer(line, /# /, () => {}, rest),
  );
  line.send(`${text}; echo do""ne-${commands}\r`);
  await end;
  return { seconds: (until - since) / 1000, bytes: line.received() - before };
}

/** Waits for a pattern of less than 64 characters, and returns what came behind it. `there` is called as it comes. */
async function answer(line: Line, pattern: RegExp, there = (): void => {}, before = ""): Promise<string> {
  return new Promise((resolve) => {
    let last = "";
    const look = (text: string): void => {
      last += text;
      const match = pattern.exec(last);
      if (match) {
        there();
        // Whoever waits next listens in a microtask from here: nothing comes in between.
        resolve(last.slice(match.index + match[0].length));
      } else last = last.slice(-64);
    };
    line.listen((bytes) => look(bytes.toString("latin1")));
    look(before);
  });
}

async function directly(path: string): Promise<Line> {
  const socket: Socket = connect(path);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    send: (text) => void socket.write(text),
    listen: (listener) => void socket.removeAllListeners("data").on("data", listener),
    received: () => socket.bytesRead,
    close: () => new Promise<void>((resolve) => void socket.once("close", () => resolve()).destroy()),
  };
}

function through(channel: Channel): Line {
  let received = 0;
  return {
    send: (text) => channel.send(text),
    listen(listener) {
      channel.websocket.removeAllListeners("message").on("message", (bytes: Buffer) => {
        received += bytes.length;
        listener(bytes);
      });
    },
    received: () => received,
    close: () => channel.close(),
  };
}

async function logIn(path: string): Promise<void> {
  const line = await directly(path);
  // Whatever was written before there was a reader is lost: ask until there is an answer.
  const timer = setInterval(() => line.send("\r"), 1000);
  await answer(line, /login: /);
  clearInterval(timer);
  const prompt = answer(line, /# /);
  line.send("root\r");
  await prompt;
  await line.close();
}
