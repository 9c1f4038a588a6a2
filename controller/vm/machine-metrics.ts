import { Gauge, type Registry } from "prom-client";
import type { ReadonlyStore } from "../../api/kube/controller/store.ts";
import type { PrintableStatus } from "../../api/status/virtual-machine-states.ts";
import type { CachedMachine } from "../cache/slim-machine.ts";

/** KubeVirt's groups of states, which its dashboards count. */
const groups: Readonly<Record<PrintableStatus, string>> = {
  Stopped: "non_running",
  Paused: "non_running",
  Provisioning: "starting",
  Starting: "starting",
  WaitingForVolumeBinding: "starting",
  Running: "running",
  Stopping: "non_running",
  Terminating: "non_running",
  Migrating: "migrating",
  CrashLoopBackOff: "error",
  Unknown: "error",
  ErrorUnschedulable: "error",
  ErrImagePull: "error",
  ImagePullBackOff: "error",
  ErrorPvcNotFound: "error",
  DataVolumeError: "error",
};

/** Reports each machine when metrics are read. */
export function machineMetrics(registry: Registry, store: ReadonlyStore<CachedMachine>): void {
  const info = new Gauge({
    name: "kubevirt_vm_info",
    help: "Virtual machines and how they are.",
    labelNames: ["name", "namespace", "machine_type", "status", "status_group"],
    registers: [],
    collect() {
      this.reset();
      for (const { metadata, summary } of store.values()) {
        // Without a status, the controller has not looked at the machine yet: that differs from the status Unknown.
        const printable = summary.printableStatus;
        const labels = {
          name: metadata.name ?? "",
          namespace: metadata.namespace ?? "",
          machine_type: summary.machineType,
          status: printable?.toLowerCase() ?? "",
          status_group: printable ? groups[printable] : "<unknown>",
        };
        this.set(labels, 1);
      }
    },
  });
  registry.registerMetric(info);
}
