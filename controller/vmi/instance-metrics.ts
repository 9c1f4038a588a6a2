import { Gauge, Histogram, type Registry } from "prom-client";
import { placeholderName } from "../../api/contract/placeholder.ts";
import type { ReadonlyStore } from "../../api/kube/controller/store.ts";
import type { CachedInstance } from "../cache/slim-instance.ts";

/** Reports each instance when metrics are read, and measures the time that instances take to each phase. */
export function instanceMetrics(registry: Registry, store: ReadonlyStore<CachedInstance>): void {
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
    // Instances that exist at the start were counted by another process, or will never be counted.
    if (!current || (old && old.metadata.uid !== current.metadata.uid)) return;
    const known = new Set(old?.slim?.status?.phaseTransitionTimestamps?.map(({ phase }) => phase));
    if (!old) return;
    const created = Date.parse(current.slim?.metadata.creationTimestamp ?? "");
    for (const { phase, phaseTransitionTimestamp } of current.slim?.status?.phaseTransitionTimestamps ?? []) {
      if (!phase || known.has(phase)) continue;
      durations.observe({ phase }, Math.max(0, Date.parse(phaseTransitionTimestamp ?? "") - created) / 1000);
    }
  });
}

function labelsOf({ metadata, summary }: CachedInstance): Record<string, string> {
  return {
    node: summary.node ?? "",
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    phase: (summary.phase ?? "Pending").toLowerCase(),
    guest_os_name: summary.guestOs.name ?? "",
    guest_os_version_id: summary.guestOs.versionId ?? "",
    vmi_pod: placeholderName(metadata),
    status_reason: summary.reason ?? "",
  };
}
