import { setTimeout as delay } from "node:timers/promises";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import { machinePath } from "../../api/sub-resources.ts";
import { withAddOn } from "./add-on.ts";
import { type Write, writesDuring } from "./audit.ts";
import { CpuMeter } from "./cpu-time.ts";
import { type Bench, type Row, rowOf } from "./measurement.ts";
import { guestless, Instances, PausePods } from "./starters.ts";
import { Watched } from "./watched.ts";

const count = 10;
const lives = 3;

const bars = { start: 4, startEvents: 2, life: 30, idle: 15 } as const;

const ours: readonly string[] = ["virt-controller", "virt-node-daemon"];

/** Counts the writes to the API for an instance, for a VM, and at rest, from the API server's audit log. */
export const bench: Bench = async (context) => {
  const { cluster, step } = context;
  const client = await withAddOn(context, { audit: true });
  await using some = new Instances(client);
  await using pods = new PausePods(client);
  await using watched = new Watched(client, machines);
  const meter = await step.step("the cluster at rest", () => CpuMeter.of(cluster));
  const names = Array.from({ length: count }, (_, number) => `instance-${number}`);
  const starting = await step.step(`${count} instances`, () =>
    writesDuring(cluster, async () => {
      for (const name of names) await some.start(name);
      await meter.rest();
    }),
  );
  const idling = await step.step("a minute of rest", () => writesDuring(cluster, () => delay(60_000)));
  await some.end(names);
  await meter.rest();
  const pausing = await step.step(`the lives of ${lives} pods`, () =>
    writesDuring(cluster, async () => {
      for (let number = 0; number < lives; number += 1) {
        await pods.start(`pod-${number}`);
        await pods.end([`pod-${number}`]);
      }
      await meter.rest();
    }),
  );
  const living = await step.step(`the lives of ${lives} machines`, () =>
    writesDuring(cluster, async () => {
      for (let number = 0; number < lives; number += 1) await live(client, watched, `machine-${number}`);
      await meter.rest();
    }),
  );
  client.close();
  const start = starting.filter(isOurs).filter(isInNamespace);
  const life = living.filter(isInNamespace);
  return [
    total("an instance, creation → Running: ours", start.filter(isNoEvent), count, bars.start),
    total("an instance, creation → Running: our events", start.filter(isEvent), count, bars.startEvents),
    ...each(start, count),
    {
      what: "a pause pod, create, delete: all clients",
      unit: "writes",
      value: pausing.filter(isInNamespace).length / lives,
    },
    total("a machine, create, start, stop, delete: all clients", life, lives, bars.life),
    { what: "of which events, all clients", unit: "writes", value: life.filter(isEvent).length / lives },
    ...each(life, lives),
    total(`a minute of rest with ${count} instances: ours`, idling.filter(isOurs), 1, bars.idle),
    ...each(idling.filter(isOurs), 1),
  ];
};

/** Creates, starts, stops and deletes a machine, and waits for the result of each. */
async function live(client: KubeClient, watched: Watched<VirtualMachine>, name: string): Promise<void> {
  const ref = { name, namespace: "default" };
  const machine = machineOf(name);
  const isNow = (state: string) => (object: VirtualMachine | undefined) => object?.status?.printableStatus === state;
  const after = async (subresource: "start" | "stop", state: string): Promise<void> => {
    const there = watched.until(`default/${name}`, isNow(state));
    const { status } = await client.raw("PUT", machinePath(ref, subresource), { body: "{}" });
    if (status >= 300) throw new Error(`${subresource} of ${name} was refused with ${status}`);
    await there;
  };
  await watched.create(machine, isNow("Stopped"));
  await after("start", "Running");
  await after("stop", "Stopped");
  await watched.delete(machine);
}

function machineOf(name: string): VirtualMachine {
  const { metadata, spec } = guestless(name);
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata,
    spec: { runStrategy: "Halted", template: { spec } },
  };
}

const isOurs = ({ user }: Write): boolean => ours.includes(user);
const isEvent = ({ resource }: Write): boolean => resource === "events";
const isNoEvent = (write: Write): boolean => !isEvent(write);
const isInNamespace = ({ namespace }: Write): boolean => namespace === "default";

function total(what: string, writes: readonly Write[], of: number, bar: number): Row {
  return rowOf(what, "writes", [writes.length / of], { bar });
}

/** Returns a row for each kind of write, the most frequent first. */
function each(writes: readonly Write[], of: number): Row[] {
  const counts = new Map<string, number>();
  for (const { user, verb, resource } of writes) {
    const what = `of which ${user}: ${verb} ${resource}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([what, times]) => ({ what, unit: "writes", value: times / of }));
}
