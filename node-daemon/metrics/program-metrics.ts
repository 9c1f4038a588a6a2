import { Counter, Histogram, type Registry } from "prom-client";
import type { FinishedRequest } from "../../api/kube/client/client-options.ts";
import type { ControllerMetrics } from "../../api/kube/controller/controller.ts";

/** Metrics of the daemon: its reconciles and its requests to the API server. */
export class ProgramMetrics implements ControllerMetrics {
  readonly #reconciles: Counter<"result">;
  readonly #seconds: Histogram;
  readonly #requests: Counter<"method" | "status">;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#reconciles = new Counter({
      name: "virt_node_daemon_reconciles_total",
      help: "Reconciles of instances that ended, by how.",
      labelNames: ["result"],
      registers,
    });
    this.#seconds = new Histogram({
      name: "virt_node_daemon_reconcile_seconds",
      help: "How long reconciles of instances take.",
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    this.#requests = new Counter({
      name: "virt_node_daemon_api_requests_total",
      help: "Requests to the API server, by method and status; status 0 is no answer.",
      labelNames: ["method", "status"],
      registers,
    });
  }

  reconciled(_controller: string, result: string, seconds: number): void {
    this.#reconciles.inc({ result });
    this.#seconds.observe(seconds);
  }

  requested({ method, status }: FinishedRequest): void {
    this.#requests.inc({ method, status: String(status) });
  }
}
