import { setTimeout as delay } from "node:timers/promises";
import { cgroupProcesses } from "../../cluster/cgroup.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { findProcess, proportionalSetSize } from "../../cluster/process.ts";
import { withAddOn } from "./add-on.ts";
import { CpuMeter, nameOf } from "./cpu-time.ts";
import { type Bench, type Row, rowOf } from "./measurement.ts";
import { Instances } from "./starters.ts";

const many = 30;

/** Milliseconds after which garbage collection has run. */
const settling = 20_000;

/** The most MiB of our programs without an instance. */
const idleBars: Readonly<Record<string, number>> = { "virt-controller": 110, "virt-node-daemon": 90 };

/** The most MiB for each instance: our programs' share, and the share with libvirt's. */
const ownBar = 1;
const allBar = 2;

const ours = ["virt-controller", "virt-node-daemon"];
/** A guest's DHCP responder, the one process that we add to a Pod: udhcpd is part of Busybox. */
const responder = "busybox";
const libvirt = ["libvirtd", "virtlogd"];
/** Programs of any Pod. The program of the sandbox is also the program of our container. */
const pod = ["containerd-shim-runc-v2", "hold"];
const qemu = ["qemu-system-x86_64"];

/** The proportional set sizes of all programs of a cluster, in MiB by name. */
type Sizes = ReadonlyMap<string, number>;

/** Measures the memory of each program with no instance, one, and many. */
export const bench: Bench = async (context) => {
  const { cluster, step } = context;
  const client = await withAddOn(context);
  await using instances = new Instances(client);
  const meter = await step.step("the cluster at rest", () => CpuMeter.of(cluster));
  const none = await settled(cluster);
  const start = async (names: readonly string[]): Promise<Sizes> => {
    await Promise.all(names.map((name) => instances.start(name)));
    await meter.rest();
    return settled(cluster);
  };
  const one = await step.step("1 instance", () => start(["first"]));
  const names = Array.from({ length: many - 1 }, (_, number) => `more-${number}`);
  const all = await step.step(`${many} instances`, () => start(names));
  const after = await step.step("none any more", async () => {
    await instances.end(["first", ...names]);
    await meter.rest();
    return settled(cluster);
  });
  client.close();
  return [...totals({ none, one, all, after }), ...perInstance(one, none, 1), ...perInstance(all, none, many)];
};

interface Found {
  none: Sizes;
  one: Sizes;
  all: Sizes;
  after: Sizes;
}

/** Returns the sizes; the idle sizes of our programs have bars. */
function totals({ none, one, all, after }: Found): Row[] {
  const row = (name: string, when: string, found: Sizes, bar?: number): Row =>
    rowOf(`${name}, ${when}`, "MiB", [found.get(name) ?? 0], bar === undefined ? {} : { bar });
  return [...ours, ...libvirt].flatMap((name) => [
    row(name, "no instance", none, idleBars[name]),
    row(name, "1 instance", one),
    row(name, `${many} instances`, all),
    row(name, "none any more", after),
  ]);
}

/** Returns the sizes after programs have given back temporary memory. */
async function settled(cluster: Cluster): Promise<Sizes> {
  await delay(settling);
  return sizes(cluster);
}

/** Returns the growth for each instance, including the one-time growth with the first. */
function perInstance(found: Sizes, none: Sizes, count: number): Row[] {
  const more = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (found.get(name) ?? 0) - (none.get(name) ?? 0), 0) / count;
  const row = (what: string, names: readonly string[], bar?: number): Row =>
    rowOf(`each of ${count}: ${what}`, "MiB", [more(names)], bar === undefined ? {} : { bar });
  return [
    ...[...qemu, ...pod, responder].map((name) => row(name, [name])),
    row("controller, daemon and responder", [...ours, responder], ownBar),
    row("these and libvirt", [...ours, responder, ...libvirt], allBar),
  ];
}

async function sizes(cluster: Cluster): Promise<Sizes> {
  const found = new Map<string, number>();
  for (const pid of await cgroupProcesses(cluster.cgroup, { below: true })) {
    const process = await findProcess(pid);
    if (!process) continue;
    const name = nameOf(process);
    found.set(name, (found.get(name) ?? 0) + (await proportionalSetSize(pid)) / 1024 ** 2);
  }
  return found;
}
