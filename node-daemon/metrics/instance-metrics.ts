import { Counter, type CounterConfiguration, Gauge, type GaugeConfiguration, type Registry } from "prom-client";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { LocalInstance, LocalInstances } from "../core/local-instances.ts";
import { targetedDisks } from "../domain-xml/disk-targets.ts";
import type { DomainStatistics } from "../drivers/hypervisor.ts";
import type { CardTraffic, Network } from "../drivers/network.ts";
import { domainName } from "../instance/identity.ts";
import { cardsOf } from "../network/card.ts";

export interface InstanceMetricsOptions {
  readonly registry: Registry;
  readonly nodeName: string;
  readonly localInstances: LocalInstances;
  /** Statistics of all domains, by one call. */
  readonly statistics: () => Promise<DomainStatistics[]>;
  readonly traffic: Network["traffic"];
  /** Milliseconds for which an answer is cached, so that frequent reads of the metrics do not keep libvirt busy. */
  readonly goodFor?: number;
}

/** The counters of one instance. */
type Counts = DomainStatistics & { readonly cards: readonly CardTraffic[] };

/** The metric values of one instance, with additional labels. */
type Values = (entry: LocalInstance, counts: Counts) => { labels?: Record<string, string>; value: number }[];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly kind?: "gauge";
  readonly values: Values;
}

const one = (value: number) => [{ value }];
const ofDisks =
  (value: (disk: DomainStatistics["disks"][number]) => number): Values =>
  ({ instance }, { disks }) => {
    const names = diskNames(instance);
    return disks.map((disk) => ({ labels: { drive: names.get(disk.target) ?? disk.target }, value: value(disk) }));
  };
const ofInterfaces =
  (value: (card: CardTraffic) => number): Values =>
  (_, { cards }) =>
    cards.map((card) => ({ labels: { interface: card.name }, value: value(card) }));

/** KubeVirt's names and labels, because its dashboards read them. */
const metrics: readonly Metric[] = [
  {
    name: "cpu_usage_seconds_total",
    help: "CPU time that the instance took.",
    values: (_, { cpu }) => one(cpu.total),
  },
  {
    name: "cpu_user_usage_seconds_total",
    help: "CPU time that it took in user mode.",
    values: (_, { cpu }) => one(cpu.user),
  },
  {
    name: "cpu_system_usage_seconds_total",
    help: "CPU time that it took in system mode.",
    values: (_, { cpu }) => one(cpu.system),
  },
  {
    name: "memory_resident_bytes",
    help: "Memory of the node that QEMU holds.",
    kind: "gauge",
    values: (_, { residentBytes }) => one(residentBytes),
  },
  {
    name: "network_receive_bytes_total",
    help: "Bytes that the guest received.",
    labels: ["interface"],
    values: ofInterfaces(({ receivedBytes }) => receivedBytes),
  },
  {
    name: "network_transmit_bytes_total",
    help: "Bytes that the guest sent.",
    labels: ["interface"],
    values: ofInterfaces(({ sentBytes }) => sentBytes),
  },
  {
    name: "network_receive_packets_total",
    help: "Packets that the guest received.",
    labels: ["interface"],
    values: ofInterfaces(({ receivedPackets }) => receivedPackets),
  },
  {
    name: "network_transmit_packets_total",
    help: "Packets that the guest sent.",
    labels: ["interface"],
    values: ofInterfaces(({ sentPackets }) => sentPackets),
  },
  {
    name: "storage_read_traffic_bytes_total",
    help: "Bytes that the guest read from a disk.",
    labels: ["drive"],
    values: ofDisks(({ readBytes }) => readBytes),
  },
  {
    name: "storage_write_traffic_bytes_total",
    help: "Bytes that the guest wrote to a disk.",
    labels: ["drive"],
    values: ofDisks(({ writtenBytes }) => writtenBytes),
  },
  {
    name: "storage_iops_read_total",
    help: "Reads of the guest from a disk.",
    labels: ["drive"],
    values: ofDisks(({ reads }) => reads),
  },
  {
    name: "storage_iops_write_total",
    help: "Writes of the guest to a disk.",
    labels: ["drive"],
    values: ofDisks(({ writes }) => writes),
  },
];

/** Registers metrics of this node's running instances. Each read asks libvirt once for all instances. */
export function instanceMetrics(options: InstanceMetricsOptions): void {
  const { registry, nodeName, localInstances, statistics, traffic, goodFor = 1000 } = options;
  let last: Promise<[LocalInstance, Counts][]> | undefined;
  const cardsOn = async ({ instance, process }: LocalInstance): Promise<CardTraffic[]> =>
    process === undefined ? [] : traffic(cardsOf(instance), process);
  const ask = async (): Promise<[LocalInstance, Counts][]> => {
    const entries = new Map(localInstances.entries().map((entry) => [domainName(entry.identity), entry]));
    // A failure of libvirt must not hide the program's own metrics.
    const found = entries.size === 0 ? [] : await statistics().catch(() => []);
    const running = found.flatMap((statistic): [LocalInstance, DomainStatistics][] => {
      const entry = entries.get(statistic.domain);
      return entry?.phase === "Running" ? [[entry, statistic]] : [];
    });
    return Promise.all(
      running.map(async ([entry, statistic]): Promise<[LocalInstance, Counts]> => {
        return [entry, { ...statistic, cards: await cardsOn(entry) }];
      }),
    );
  };
  const shared = async (): Promise<[LocalInstance, Counts][]> => {
    if (!last) {
      last = ask();
      setTimeout(() => (last = undefined), goodFor).unref();
    }
    return last;
  };
  for (const { name, help, labels = [], kind, values } of metrics) {
    const config = {
      name: `kubevirt_vmi_${name}`,
      help,
      labelNames: ["node", "namespace", "name", ...labels],
      registers: [],
    };
    const tell: Tell = async (set) => {
      for (const [entry, statistic] of await shared()) {
        const { namespace, name: instance } = entry.identity;
        for (const { labels: more, value } of values(entry, statistic)) {
          set({ node: nodeName, namespace, name: instance, ...more }, value);
        }
      }
    };
    registry.registerMetric(kind === "gauge" ? gauge(config, tell) : counter(config, tell));
  }
}

type Tell = (set: (labels: Record<string, string>, value: number) => void) => Promise<void>;

function gauge(config: GaugeConfiguration<string>, tell: Tell): Gauge {
  return new Gauge({
    ...config,
    async collect() {
      this.reset();
      await tell((labels, value) => this.set(labels, value));
    },
  });
}

function counter(config: CounterConfiguration<string>, tell: Tell): Counter {
  return new Counter({
    ...config,
    async collect() {
      this.reset();
      await tell((labels, value) => this.inc(labels, value));
    },
  });
}

/** The names of an instance's disks, by libvirt's target names. */
function diskNames({ spec }: VirtualMachineInstance): Map<string, string> {
  return new Map(targetedDisks(spec).map(({ disk, target }) => [target, disk.name]));
}
