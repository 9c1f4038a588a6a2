import { up } from "../../cluster/up.ts";
import { connect, type Domain, DomainCreateFlags } from "../../node-libvirt/src/index.ts";
import { guestXML, remove } from "../e2e/node-libvirt/guest.ts";
import { prepare } from "../e2e/node-libvirt/guest-files.ts";
import { type LibvirtNode, libvirtOf } from "../e2e/node-libvirt/libvirt-node.ts";
import { downloadRows } from "./libvirt-stream.ts";
import { type Bench, type Row, rowOf } from "./measurement.ts";
import { against } from "./pairs.ts";
import { type VirshRun, virsh } from "./virsh.ts";

const commands = 2000;
const rounds = 7;
const lanes = 4;
const names = Array.from({ length: 8 }, (_, at) => `nl-bench-${at}`);

interface Measured {
  /** Duration of each call in µs, one after another. */
  times: number[];
  /** CPU time of this process for a call, in µs. */
  cpu: number;
  /** Calls a second, one after another. */
  alone: number;
  /** Calls a second, with four in flight. */
  together: number;
}

async function measure(call: () => Promise<unknown>, count: number): Promise<Measured> {
  const times: number[] = [];
  const before = process.cpuUsage();
  const begin = performance.now();
  for (let at = 0; at < count; at++) {
    const since = performance.now();
    await call();
    times.push((performance.now() - since) * 1000);
  }
  const alone = count / ((performance.now() - begin) / 1000);
  const { user, system } = process.cpuUsage(before);
  const parallel = performance.now();
  const lane = async (): Promise<void> => {
    for (let at = 0; at < count / lanes; at++) await call();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const together = count / ((performance.now() - parallel) / 1000);
  return { times, cpu: (user + system) / count, alone, together };
}

interface Case {
  what: string;
  call: () => Promise<unknown>;
  /** virsh's command for the same, if it has one. */
  virsh?: string;
  /** The lowest ratio of our rate, with four in flight, to virsh's. */
  bar?: number;
  count: number;
}

/** Runs a case in turns with virsh. virsh gets as many commands on stdin, and makes its calls one after another. */
async function compare(node: LibvirtNode, { what, call, virsh: command, bar, count }: Case): Promise<Row[]> {
  const ours: Measured[] = [];
  const theirs: VirshRun[] = [];
  for (let at = 0; at < count / 4; at++) await call();
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(call, count));
    if (command) theirs.push(await virsh(node, Array<string>(count).fill(command)));
  }
  const rates = theirs.map(({ seconds }) => count / seconds);
  const times = ours.flatMap((one) => one.times);
  const busy = ours.map((one) => (one.cpu / (1e6 / one.alone)) * 100);
  const rows = [
    rowOf(`${what}: a call, one at a time`, "µs", times),
    rowOf(`${what}: of which this client's CPU`, "%", busy),
  ];
  if (!command)
    return [
      ...rows,
      rowOf(
        `${what}: four in flight`,
        "calls/s",
        ours.map((one) => one.together),
      ),
    ];
  return [
    ...rows,
    rowOf(
      `${what}: CPU of a call`,
      "µs",
      ours.map((one) => one.cpu),
    ),
    rowOf(
      `${what}: CPU of virsh's`,
      "µs",
      theirs.map((one) => (one.cpuSeconds / count) * 1e6),
    ),
    against(
      `${what}: one at a time, against virsh`,
      "calls/s",
      ours.map((one) => one.alone),
      rates,
    ),
    against(
      `${what}: four in flight, against virsh`,
      "calls/s",
      ours.map((one) => one.together),
      rates,
      bar,
    ),
  ];
}

/** Compares node-libvirt with virsh, on one libvirtd in one run. */
export const bench: Bench = async ({ cluster, step }) => {
  await step.step("a node with libvirt", (inner) => up(cluster, { nodes: 1 }, inner));
  return step.step("measuring", async () => compareWithVirsh(await libvirtOf(cluster.node(1))));
};

/** Makes the measurements on the libvirtd of a node. */
export async function compareWithVirsh(node: LibvirtNode): Promise<Row[]> {
  await using connection = await connect(node.socket);
  const files = await prepare(node);
  const domains: Domain[] = [];
  const rows: Row[] = [];
  rows.push(rowOf("connect, authenticate, open, close", "ms", await connecting(node)));
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
        // QEMU's monitor takes the time, and answers one call at a time also with four in flight. So there is no bar.
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
    rows.push(...(await downloadRows(node, connection, files.folder)));
  } finally {
    for (const name of names) await remove(connection, name);
  }
  return rows;
}

/** Measures the milliseconds to open and close a connection. */
async function connecting({ socket }: LibvirtNode): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < 50; at++) {
    const begin = performance.now();
    await (await connect(socket)).close();
    times.push(performance.now() - begin);
  }
  return times;
}
