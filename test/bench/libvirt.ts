import { spawn } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Connection, connect, type Domain, DomainCreateFlags } from "../../node-libvirt/src/index.ts";
import { up } from "../cluster/up.ts";
import { guestXML, remove } from "../e2e/node-libvirt/guest.ts";
import { prepare } from "../e2e/node-libvirt/guest-files.ts";
import { type LibvirtNode, libvirtOf } from "../e2e/node-libvirt/libvirt-node.ts";
import { type Bench, percentile, type Row, rowOf } from "./measurement.ts";

const commands = 2000;
const rounds = 7;
const downloads = 15;
const volumeSize = 512;
const names = Array.from({ length: 8 }, (_, at) => `nl-bench-${at}`);

/** Runs virsh in the node, so that both clients are on the same libvirtd's own machine; resolves to seconds. */
async function virsh({ root }: LibvirtNode, input: string, ...args: string[]): Promise<number> {
  const pid = /^\/proc\/(\d+)\/root/.exec(root)?.[1];
  if (!pid) throw new Error(`${root} is not the root of a process`);
  const begin = performance.now();
  const child = spawn("nsenter", ["-t", pid, "-m", "-p", "-n", "-r", "-w", "virsh", "-q", ...args], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.end(input);
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`virsh ${args.join(" ")} ended with ${code}`);
  return (performance.now() - begin) / 1000;
}

interface Measured {
  /** How long each call took in µs, made one after the other. */
  times: number[];
  /** What a call cost this process in µs. */
  cpu: number;
  /** How many calls were answered a second, made four side by side. */
  rate: number;
}

async function measure(call: () => Promise<unknown>, count: number): Promise<Measured> {
  for (let at = 0; at < count / 4; at++) await call();
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let at = 0; at < count; at++) {
    const begin = performance.now();
    await call();
    times.push((performance.now() - begin) * 1000);
  }
  const { user, system } = process.cpuUsage(before);
  const begin = performance.now();
  const lane = async (): Promise<void> => {
    for (let at = 0; at < count / 4; at++) await call();
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  return { times, cpu: (user + system) / count, rate: count / ((performance.now() - begin) / 1000) };
}

interface Case {
  what: string;
  call: () => Promise<unknown>;
  /** What virsh does for the same, if it has a command for it. */
  virsh?: string;
  /** How many times virsh's rate ours must be. */
  bar?: number;
  count: number;
}

async function compare(node: LibvirtNode, { what, call, virsh: command, bar, count }: Case): Promise<Row[]> {
  const ours: Measured[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(call, count));
    if (command) theirs.push(count / (await virsh(node, `${command}\n`.repeat(count))));
  }
  const rates = ours.map(({ rate }) => rate);
  const times = ours.flatMap((one) => one.times);
  const cpu = ours.map((one) => one.cpu);
  return [
    rowOf(`${what}, one at a time`, "µs", times),
    rowOf(`${what}, client CPU`, "µs/call", cpu),
    command
      ? faster(`${what}, four at a time, against virsh on stdin`, "calls/s", rates, theirs, bar)
      : rowOf(`${what}, four at a time`, "calls/s", rates),
  ];
}

/** A row whose figure is the better the higher it is, so that `ratio` must reach `bar`; medians on both sides. */
function faster(what: string, unit: string, ours: readonly number[], theirs: readonly number[], bar?: number): Row {
  const [value, floor] = [percentile(ours, 50), percentile(theirs, 50)];
  const ratio = value / floor;
  return { what, unit, value, floor, ratio, ...(bar === undefined ? {} : { bar, ok: ratio >= bar }) };
}

/** The speed of a download of a volume whose every byte is there, against virsh. */
async function stream(node: LibvirtNode, connection: Connection, folder: string): Promise<Row> {
  const left = await connection.storagePoolLookupByName("nl-bench").catch(() => undefined);
  await left?.destroy();
  const pool = await connection.storagePoolCreateXML(
    `<pool type="dir"><name>nl-bench</name><target><path>${folder}</path></target></pool>`,
  );
  const old = await pool.lookupVolumeByName("bench.raw").catch(() => undefined);
  await old?.delete();
  const volume = await pool.createVolumeXML(
    `<volume><name>bench.raw</name><capacity unit="MiB">${volumeSize}</capacity><allocation unit="MiB">${volumeSize}</allocation></volume>`,
  );
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < downloads; round++) {
      const begin = performance.now();
      let bytes = 0;
      const discard = new Writable({
        write(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          done();
        },
      });
      await pipeline(await volume.download(), discard);
      ours.push(bytes / 1e6 / ((performance.now() - begin) / 1000));
      const path = `${folder}/bench.raw`;
      theirs.push((volumeSize * 1.048576) / (await virsh(node, "", "vol-download", path, "/dev/null")));
    }
    return faster("volume download, against virsh vol-download", "MB/s", ours, theirs, 1);
  } finally {
    await volume.delete();
    await pool.destroy();
  }
}

/** node-libvirt against virsh, on one libvirtd in one run. */
export const bench: Bench = async ({ cluster, step }) => {
  await step.step("a node with libvirt", (inner) => up(cluster, { nodes: 1 }, inner));
  return step.step("measuring", async () => compareWithVirsh(await libvirtOf(cluster.node(1))));
};

/** The measurements, on the libvirtd of a node. */
export async function compareWithVirsh(node: LibvirtNode): Promise<Row[]> {
  await using connection = await connect(node.socket);
  const files = await prepare(node);
  const domains: Domain[] = [];
  const rows: Row[] = [];
  const begin = performance.now();
  for (let at = 0; at < 50; at++) await (await connect(node.socket)).close();
  rows.push({ what: "connect, authenticate, open, close", unit: "ms", value: (performance.now() - begin) / 50 });
  try {
    for (const name of names) {
      await remove(connection, name);
      domains.push(await connection.createXML(guestXML({ name, files, memory: 64 }), DomainCreateFlags.PAUSED));
    }
    const [domain] = domains;
    if (!domain) throw new Error("no domain was started");
    const { name } = domain;
    const cases: Case[] = [
      { what: "getHostname", call: () => connection.getHostname(), virsh: "hostname", bar: 2, count: commands },
      { what: "domainGetInfo", call: () => domain.getInfo(), count: commands },
      {
        what: "lookupByName + getXMLDesc",
        call: async () => (await connection.lookupByName(name)).getXMLDesc(),
        virsh: `dumpxml ${name}`,
        bar: 2,
        count: commands,
      },
      { what: "getXMLDesc", call: () => domain.getXMLDesc(), count: commands },
      {
        what: "getAllDomainStats of 1 domain",
        call: () => connection.getAllDomainStats({ domains: [domain] }),
        virsh: `domstats ${name}`,
        // Its time is that of QEMU's monitor.
        count: 120,
      },
      {
        what: "getAllDomainStats of 8 domains",
        call: () => connection.getAllDomainStats(),
        virsh: "domstats",
        count: 40,
      },
    ];
    for (const one of cases) rows.push(...(await compare(node, one)));
    rows.push(await stream(node, connection, files.folder));
  } finally {
    for (const name of names) await remove(connection, name);
  }
  return rows;
}
