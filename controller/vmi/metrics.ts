import { Gauge, Histogram, type Registry } from "prom-client";
import type { ReadonlyStore } from "../../api/kube/store.ts";
import { placeholderName } from "../../api/placeholder.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";

/** Tells of each instance, when metrics are read, and measures how long instances take to each phase. */
export function instanceMetrics(registry: Registry, store: ReadonlyStore<VirtualMachineInstance>): void {
  const info = new Gauge({
    name: "kubevirt_vmi_info",
    help: "Virtual machine instances and how they are.",
    labelNames: [
      "node",
      "namespace",
      "name",
      "phase",
      "guest_os_name",
      "guest_os_version_id",
      "vmi_pod",
      "status_reason",
    ],
    registers: [],
    collect() {
      this.reset();
      for (const instance of store.values()) this.set(labelsOf(instance), 1);
    },
  });
  registry.registerMetric(info);
  const durations = new Histogram({
    name: "kubevirt_vmi_phase_transition_time_from_creation_seconds",
    help: "How long instances take from their creation to a phase.",
    labelNames: ["phase"],
    buckets: [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600],
    registers: [registry],
  });
  store.subscribe(({ old, current }) => {
    // What is there at the start was counted by another process, or never will be.
    if (!current || (old && old.metadata.uid !== current.metadata.uid)) return;
    const known = new Set(old?.status?.phaseTransitionTimestamps?.map(({ phase }) => phase));
    if (!old) return;
    const created = Date.parse(current.metadata.creationTimestamp ?? "");
    for (const { phase, phaseTransitionTimestamp } of current.status?.phaseTransitionTimestamps ?? []) {
      if (!phase || known.has(phase)) continue;
      durations.observe({ phase }, Math.max(0, Date.parse(phaseTransitionTimestamp ?? "") - created) / 1000);
    }
  });
}

function labelsOf(instance: VirtualMachineInstance): Record<string, string> {
  const { metadata, status } = instance;
  return {
    node: status?.nodeName ?? "",
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    phase: (status?.phase ?? "Pending").toLowerCase(),
    guest_os_name: status?.guestOSInfo?.name ?? "",
    guest_os_version_id: status?.guestOSInfo?.versionId ?? "",
    vmi_pod: placeholderName(metadata),
    status_reason: status?.reason ?? "",
  };
}
