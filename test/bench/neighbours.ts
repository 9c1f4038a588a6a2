import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { type Certificates, makeCertificates } from "../e2e/relay/certificates.ts";
import { type Channel, DaemonClient } from "../e2e/relay/daemon-client.ts";
import { DaemonProcess } from "../e2e/relay/daemon-process.ts";
import { secondsOf } from "./cpu-time.ts";
import { guestFloods } from "./guest-floods.ts";
import { type Bench, percentile, type Row, rowOf } from "./measurement.ts";

/** Rounds: alone, beside a computing guest and beside the flood in turns. The computer's speed changes over time. */
const rounds = 12;
/** Echoes in each round. */
const echoes = 150;
/** Milliseconds of a flood before the measurement. */
const beginning = 500;
/** The highest allowed ratio of a neighbour's echo time. */
const bar = 1.1;

const path = (instance: number, more: string): string =>
  `/v1/namespaces/default/virtualmachineinstances/vm-${instance}/${more}`;

/** The floods: bytes of a write, and whether a client reads them. QEMU's ttyS0 writes a few bytes at a time. */
const floods = [
  { name: "serial port, 7 bytes a write", size: 7, read: undefined },
  { name: "serial port, 7 bytes a write, a client reads", size: 7, read: "console?readOnly=true" },
  { name: "virtio console, 4 KiB a write, a client reads", size: 4096, read: "console?readOnly=true" },
  { name: "network, a client reads", size: 64 * 1024, read: "portforward" },
] as const;

/**
 * Measures the echo of a neighbour's console beside a guest that floods. The floor is the echo beside a guest that
 * computes: a guest has a right to its processor, and a neighbour must not notice the difference.
 */
export const bench: Bench = async (context) => {
  const { step } = context;
  const certificates = await makeCertificates();
  try {
    const rows: Row[] = [];
    for (const flood of floods) rows.push(...(await step.step(flood.name, () => measure(flood, certificates))));
    return [...rows, ...(await step.step("guests that flood", () => guestFloods(context)))];
  } finally {
    await rm(dirname(certificates.serverFolder), { recursive: true });
  }
};

async function measure({ name, size, read }: (typeof floods)[number], certificates: Certificates): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-neighbours-"));
  const serial = [join(folder, "0.sock"), join(folder, "1.sock")];
  const quiet = createServer((socket) => void socket.on("data", (bytes) => socket.write(bytes))).listen(serial[0]);
  await once(quiet, "listening");
  const network = read === "portforward";
  const guest = await FloodingGuest.start(size, network ? "network" : (serial[1] ?? ""));
  const { serverFolder: tlsFolder } = certificates;
  const setting = { name: "vm", vnc: "", libvirt: "", logs: folder, tlsFolder, address: "127.0.0.1", instances: 2 };
  const daemon = await DaemonProcess.start({ ...setting, serial: network ? serial.slice(0, 1) : serial });
  try {
    const channel = await new DaemonClient(daemon.port, certificates).open(path(0, "console"));
    const target = network ? `portforward/${guest.port}` : read;
    if (target) await guest.ask(`read ${JSON.stringify([daemon.port, path(1, target), certificates])}`);
    const alone: number[] = [];
    const computing: number[] = [];
    const flooding: number[] = [];
    const rates: number[] = [];
    const shares: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      alone.push(...(await echoed(channel)));
      await guest.ask("compute");
      await delay(beginning);
      computing.push(...(await echoed(channel)));
      await guest.ask("rest");
      await delay(beginning);
      const since = performance.now();
      await guest.ask("flood");
      const before = await secondsOf(daemon.pid);
      await delay(beginning);
      flooding.push(...(await echoed(channel)));
      const took = performance.now() - since;
      shares.push((((await secondsOf(daemon.pid)) ?? 0) - (before ?? 0)) / (took / 1000));
      rates.push((await guest.ask("rest")) / 1000 / took);
      await delay(beginning);
    }
    return [
      rowOf(`echo alone (${name})`, "ms", alone),
      rowOf(`echo beside a guest that computes (${name})`, "ms", computing),
      rowOf(`echo beside a flood: ${name}`, "ms", flooding, { floor: percentile(computing, 50), bar }),
      rowOf(`flood: ${name}`, "MB/s", rates),
      rowOf(`the daemon's share of a processor: ${name}`, "1", shares),
    ];
  } finally {
    guest.end();
    await daemon.end("SIGTERM");
    quiet.close();
    await rm(folder, { recursive: true });
  }
}

/** Measures the milliseconds from a key to its echo, for keys one after another. */
async function echoed(channel: Channel): Promise<number[]> {
  const times: number[] = [];
  for (let number = 0; number < echoes; number += 1) {
    const since = performance.now();
    const came = once(channel.websocket, "message");
    channel.send("x");
    await came;
    times.push(performance.now() - since);
    // A person does not type the next key at the moment of the echo.
    await delay(2);
  }
  return times;
}

class FloodingGuest {
  /** Its listening port, if it floods the network. */
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  static async start(size: number, socket: string): Promise<FloodingGuest> {
    const program = join(import.meta.dirname, "flooding-guest.ts");
    const child = spawn(process.execPath, [program, String(size), socket], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface(child.stdout);
    const [port] = await once(lines, "line");
    return new FloodingGuest(child, lines, Number(port));
  }

  private constructor(child: ChildProcess, lines: Interface, port: number) {
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  /** Sends a line, and returns the number of bytes that the guest wrote since the last one. */
  async ask(line: string): Promise<number> {
    const answered = once(this.#lines, "line");
    this.#child.stdin?.write(`${line}\n`);
    const [bytes] = await answered;
    return Number(bytes);
  }

  end(): void {
    this.#child.kill();
  }
}
