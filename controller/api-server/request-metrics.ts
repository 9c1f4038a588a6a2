import { Counter, Gauge, type Registry } from "prom-client";
import type { Budget } from "../../api/serving/budget.ts";
import type { ObjectName } from "./backends.ts";
import type { ConnectionKind } from "./endpoint.ts";

/** The metrics of requests. */
export interface ApiServerMetrics {
  /** Counts an answered request. `what` is the sub-resource or the server's own path. */
  answered(what: string, status: number): void;
  /** Counts an opened websocket. Returns the function to call when it has closed. */
  opened(kind: ConnectionKind, instance: ObjectName): () => void;
  /** Shows a budget's use. */
  watch(budget: Budget): void;
}

/** Counts in a Prometheus registry, under the names that dashboards read. */
export function apiServerMetrics(registry: Registry): ApiServerMetrics {
  const requests = new Counter({
    name: "virt_api_requests_total",
    help: "Requests that the aggregated API server has answered.",
    labelNames: ["resource", "code"],
    registers: [registry],
  });
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ["namespace", "vmi"], registers: [registry] });
  const gauges: Readonly<Record<ConnectionKind, Gauge<"namespace" | "vmi">>> = {
    console: gauge("kubevirt_console_active_connections", "Open connections to serial consoles."),
    vnc: gauge("kubevirt_vnc_active_connections", "Open connections to screens."),
    portforward: gauge("kubevirt_portforward_active_tunnels", "Open tunnels to guests' ports."),
  };
  const open: Readonly<Record<ConnectionKind, Map<string, number>>> = {
    console: new Map(),
    vnc: new Map(),
    portforward: new Map(),
  };
  const count = (kind: ConnectionKind, { namespace, name }: ObjectName, change: 1 | -1): void => {
    const key = `${namespace}/${name}`;
    const now = (open[kind].get(key) ?? 0) + change;
    const labels = { namespace, vmi: name };
    if (now > 0) {
      open[kind].set(key, now);
      gauges[kind].set(labels, now);
    } else {
      // Otherwise each machine that ever existed would have a series for ever.
      open[kind].delete(key);
      gauges[kind].remove(labels);
    }
  };
  return {
    answered(resource, code) {
      requests.inc({ resource, code });
    },
    opened(kind, instance) {
      let closed = false;
      count(kind, instance, 1);
      return () => {
        if (closed) return;
        closed = true;
        count(kind, instance, -1);
      };
    },
    watch(budget) {
      const waiting = new Gauge({
        name: "virt_api_waiting_bytes",
        help: "Bytes held for clients that are slow and for bodies of requests, by what they are of.",
        labelNames: ["of"],
        registers: [registry],
        collect: () => {
          waiting.set({ of: "used" }, budget.used);
          waiting.set({ of: "limit" }, budget.bytes);
        },
      });
    },
  };
}
