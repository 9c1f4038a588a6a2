import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Budget } from "../../api/serving/budget.ts";

/** Counts open sessions by instance. Leaves out instances without an open session. */
export class SessionCount {
  readonly #gauge: Gauge<"namespace" | "vmi">;
  readonly #counts = new Map<string, number>();

  constructor(registry: Registry, name: string, help: string) {
    this.#gauge = new Gauge({ name, help, labelNames: ["namespace", "vmi"], registers: [registry] });
  }

  /** Counts one more session, until the caller calls the returned function. */
  open(instance: { namespace: string; name: string }): () => void {
    this.#add(instance, 1);
    let open = true;
    return () => {
      if (open) this.#add(instance, -1);
      open = false;
    };
  }

  #add({ namespace, name }: { namespace: string; name: string }, more: number): void {
    const key = `${namespace}/${name}`;
    const count = (this.#counts.get(key) ?? 0) + more;
    if (count > 0) {
      this.#counts.set(key, count);
      this.#gauge.set({ namespace, vmi: name }, count);
    } else {
      this.#counts.delete(key);
      this.#gauge.remove({ namespace, vmi: name });
    }
  }
}

/** The metrics of `/metrics`. They have KubeVirt's names, because its dashboards read them. */
export class Metrics {
  readonly registry: Registry;
  readonly consoles: SessionCount;
  readonly vnc: SessionCount;
  readonly portForwards: SessionCount;

  /** Adds the metrics to `registry`; without one, makes a registry with the process metrics. */
  constructor(registry?: Registry) {
    this.registry = registry ?? new Registry();
    if (!registry) collectDefaultMetrics({ register: this.registry });
    const count = (name: string, help: string): SessionCount => new SessionCount(this.registry, name, help);
    this.consoles = count("kubevirt_console_active_connections", "Open serial consoles by namespace and instance.");
    this.vnc = count("kubevirt_vnc_active_connections", "Open VNC sessions by namespace and instance.");
    this.portForwards = count("kubevirt_portforward_active_tunnels", "Open port forwards by namespace and instance.");
  }

  /** Shows the used part of a budget. */
  watch(budget: Budget): void {
    const gauge = new Gauge({
      name: "virt_waiting_bytes",
      help: "Bytes held for clients and disks that are slow, by what they are of.",
      labelNames: ["of"],
      registers: [this.registry],
      collect: () => {
        gauge.set({ of: "used" }, budget.used);
        gauge.set({ of: "limit" }, budget.bytes);
      },
    });
  }
}
