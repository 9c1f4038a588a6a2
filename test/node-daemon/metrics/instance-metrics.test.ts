import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { domainStatistics } from "../../../node-daemon/adapters/libvirt/domain-statistics.ts";
import { LocalInstances } from "../../../node-daemon/core/local-instances.ts";
import type { DomainStatistics } from "../../../node-daemon/drivers/hypervisor.ts";
import type { Network } from "../../../node-daemon/drivers/network.ts";
import { identityOf } from "../../../node-daemon/instance/identity.ts";
import { instancePaths } from "../../../node-daemon/instance/paths.ts";
import { instanceMetrics } from "../../../node-daemon/metrics/instance-metrics.ts";
import { anInstance } from "../an-instance.ts";

const instance = anInstance({
  spec: { volumes: [{ name: "root" }, { name: "seed" }], networks: [{ name: "default", pod: {} }] },
  devices: {
    interfaces: [{ name: "default", masquerade: {} }],
    disks: [
      { name: "root", disk: { bus: "virtio" } },
      { name: "seed", cdrom: { bus: "sata" } },
    ],
  },
});

function aRoster(...instances: VirtualMachineInstance[]): LocalInstances {
  const localInstances = new LocalInstances();
  for (const one of instances) {
    const identity = identityOf(one);
    const paths = instancePaths("/state", identity.uid);
    localInstances.set({
      identity,
      instance: one,
      paths,
      phase: "Running",
      paused: false,
      address: undefined,
      process: 7,
    });
  }
  return localInstances;
}

const traffic: Network["traffic"] = async (cards, process) =>
  cards.map(({ name }) => ({ name, receivedBytes: process, sentBytes: 1, receivedPackets: 2, sentPackets: 3 }));

async function read(localInstances: LocalInstances, statistics: () => Promise<DomainStatistics[]>): Promise<string> {
  const registry = new Registry();
  instanceMetrics({ registry, nodeName: "node-1", localInstances, statistics, traffic });
  await registry.metrics();
  return registry.metrics();
}

test("each running instance is told of, by the names of its disks, and libvirt is asked once", async () => {
  let asked = 0;
  const text = await read(aRoster(instance), async () => {
    asked += 1;
    return [
      domainStatistics("default_db", {
        "cpu.time": 2_500_000_000n,
        "balloon.rss": 2048n,
        "block.count": 2,
        "block.0.name": "vda",
        "block.0.rd.bytes": 4096n,
        "block.1.name": "sda",
      }),
      domainStatistics("somebody_else", {}),
    ];
  });
  const labels = 'node="node-1",namespace="default",name="db"';
  expect(text).toContain(`kubevirt_vmi_cpu_usage_seconds_total{${labels}} 2.5`);
  expect(text).toContain(`kubevirt_vmi_memory_resident_bytes{${labels}} 2097152`);
  expect(text).toContain(`kubevirt_vmi_storage_read_traffic_bytes_total{${labels},drive="root"} 4096`);
  expect(text).toContain(`kubevirt_vmi_storage_read_traffic_bytes_total{${labels},drive="seed"} 0`);
  expect(text).toContain(`kubevirt_vmi_network_receive_bytes_total{${labels},interface="default"} 7`);
  expect(text).not.toContain("somebody");
  expect(asked).toBe(1);
});

test("where libvirt does not answer, nothing is told of instances, and the rest is", async () => {
  const text = await read(aRoster(instance), async () => {
    throw new Error("out of reach");
  });
  expect(text).toContain("# TYPE kubevirt_vmi_cpu_usage_seconds_total counter");
  expect(text).not.toContain("{");
});
