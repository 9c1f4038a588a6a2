import { withAddOn } from "./add-on.ts";
import { CpuMeter, type CpuTime } from "./cpu-time.ts";
import { type Bench, percentile, type Row, rowOf } from "./measurement.ts";
import { Domains, Instances, PausePods, type Starter } from "./starters.ts";

const rounds = 10;
const bursts = 3;
const atOnce = 30;

/** The highest ratio of an instance's start to a pause Pod's, one after another. */
const latencyBar = 1.25;

/** The highest ratio of a burst of instances to as many pause Pods and then as many domains. */
const burstBar = 1;

/** The highest ratio of a start's CPU seconds to those of a pause Pod plus a domain. */
const cpuBar = 1.2;

/** Programs with a row of their own for CPU time. */
const programs = [
  "virt-controller",
  "virt-node-daemon",
  "libvirtd",
  "kubelet",
  "containerd",
  "kube-apiserver",
  "kube-scheduler",
  "etcd",
];

/** Measures the creation of instances without a guest until Running, compared with pause Pods and virsh. */
export const bench: Bench = async (context) => {
  const { cluster, step } = context;
  const client = await withAddOn(context);
  await using pods = new PausePods(client);
  await using instances = new Instances(client);
  // The first of each kind loads caches, and does not count.
  await pods.start("first-pod");
  await instances.start("first");
  const domains = await Domains.of(cluster.node(1), "first");
  await domains.start("first-domain");
  await Promise.all([pods.end(["first-pod"]), instances.end(["first"]), domains.end(["first-domain"])]);

  const meter = await step.step("the cluster at rest", () => CpuMeter.of(cluster));
  const kinds = { pods, domains, instances };
  const single = await step.step("one after another", () => oneAfterAnother(kinds, meter));
  const burst = await step.step(`${atOnce} at once`, () => allAtOnce(kinds, meter));
  client.close();
  return [...singleRows(single), ...burstRows(burst)];
};

type Kinds<T> = Readonly<Record<"pods" | "domains" | "instances", T>>;

/** Measures the milliseconds of each start, in turns, because the computer's speed changes over time. */
async function oneAfterAnother(starters: Kinds<Starter>, meter: CpuMeter): Promise<Kinds<number[]>> {
  const found: Kinds<number[]> = { pods: [], domains: [], instances: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ["pods", "domains", "instances"] as const) {
      await meter.rest();
      found[kind].push(await starters[kind].start(`${kind}-${round}`));
      await starters[kind].end([`${kind}-${round}`]);
    }
  }
  return found;
}

/** The figures of several bursts. */
interface Burst {
  /** Milliseconds of each start. */
  each: number[];
  /** Seconds of each burst until all were there. */
  all: number[];
  cpu: CpuTime[];
}

async function allAtOnce(starters: Kinds<Starter>, meter: CpuMeter): Promise<Kinds<Burst>> {
  const burst = (): Burst => ({ each: [], all: [], cpu: [] });
  const found: Kinds<Burst> = { pods: burst(), domains: burst(), instances: burst() };
  for (let round = 0; round < bursts; round += 1) {
    for (const kind of ["pods", "domains", "instances"] as const) {
      const names = Array.from({ length: atOnce }, (_, number) => `${kind}-${round}-${number}`);
      await meter.rest();
      const { result, cpu } = await meter.of(async () => {
        const since = performance.now();
        found[kind].each.push(...(await Promise.all(names.map((name) => starters[kind].start(name)))));
        return (performance.now() - since) / 1000;
      });
      found[kind].all.push(result);
      found[kind].cpu.push(cpu);
      await starters[kind].end(names);
    }
  }
  return found;
}

function singleRows({ pods, domains, instances }: Kinds<number[]>): Row[] {
  return [
    rowOf("pause pod, to Ready", "ms", pods),
    rowOf("virsh create of an instance's domain", "ms", domains),
    rowOf("instance, to Running", "ms", instances, { floor: percentile(pods, 50), bar: latencyBar }),
  ];
}

function burstRows({ pods, domains, instances }: Kinds<Burst>): Row[] {
  const floor = percentile(pods.all, 50) + percentile(domains.all, 50);
  const cpu = (burst: Burst): number =>
    percentile(
      burst.cpu.map(({ all }) => all / atOnce),
      50,
    );
  const each = (what: string, burst: Burst): Row => rowOf(`${atOnce} at once: ${what}`, "ms", burst.each);
  const programRows = programs.map((name) => {
    const seconds = instances.cpu.map(({ byProgram }) => (byProgram.get(name) ?? 0) / atOnce);
    return rowOf(`of which ${name}`, "CPU s", seconds);
  });
  return [
    each("pause pod, to Ready", pods),
    each("virsh create", domains),
    each("instance, to Running", instances),
    rowOf(`${atOnce} at once: all pause pods`, "s", pods.all),
    rowOf(`${atOnce} at once: all virsh create`, "s", domains.all),
    rowOf(`${atOnce} at once: all instances, to both`, "s", instances.all, { floor, bar: burstBar }),
    rowOf("CPU, a pause pod", "CPU s", [cpu(pods)]),
    rowOf("CPU, a virsh create", "CPU s", [cpu(domains)]),
    rowOf("CPU, an instance", "CPU s", [cpu(instances)]),
    ...programRows,
    rowOf("CPU, an instance beyond both", "CPU s", [cpu(instances) - cpu(pods) - cpu(domains)], { bar: cpuBar }),
  ];
}
