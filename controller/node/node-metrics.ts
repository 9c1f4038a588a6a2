import { Gauge, type Registry } from "prom-client";
import { hasHadDaemon, isSchedulable, unschedulableReasonOf } from "../../api/contract/node-heartbeat.ts";
import type { ReadonlyStore } from "../../api/kube/controller/store.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";

/** Reports the number of nodes that take machines, and why others take none, when metrics are read. */
export function nodeMetrics(registry: Registry, store: ReadonlyStore<Node>): void {
  const count = new Gauge({
    name: "virt_controller_nodes",
    help: "Nodes with a node daemon, by whether machines are placed on them, and why not.",
    labelNames: ["schedulable", "reason"],
    registers: [],
    collect() {
      this.reset();
      for (const node of store.values()) {
        if (!hasHadDaemon(node)) continue;
        const schedulable = isSchedulable(node);
        this.inc({
          schedulable: String(schedulable),
          reason: schedulable ? "" : (unschedulableReasonOf(node) ?? "unknown"),
        });
      }
    },
  });
  registry.registerMetric(count);
}
