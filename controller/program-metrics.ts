import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { FinishedRequest } from "../api/kube/client/client-options.ts";
import type { ControllerMetrics } from "../api/kube/controller/controller.ts";

/** The metrics of the program itself: its reconcilers, its requests to the API server, its process. */
export class ProgramMetrics implements ControllerMetrics {
  readonly registry = new Registry();
  readonly #reconciles = new Counter({
    name: "virt_controller_reconciles_total",
    help: "Reconciles that ended, by how.",
    labelNames: ["controller", "result"],
    registers: [this.registry],
  });
  readonly #seconds = new Histogram({
    name: "virt_controller_reconcile_seconds",
    help: "How long reconciles take.",
    labelNames: ["controller"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [this.registry],
  });
  readonly #keys = new Gauge({
    name: "virt_controller_keys",
    help: "Keys that wait or are reconciled.",
    labelNames: ["controller", "state"],
    registers: [this.registry],
  });
  readonly #requests = new Counter({
    name: "virt_controller_api_requests_total",
    help: "Requests to the API server, by method and status; status 0 is no answer.",
    labelNames: ["method", "status"],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  reconciled(controller: string, result: string, seconds: number): void {
    this.#reconciles.inc({ controller, result });
    this.#seconds.observe({ controller }, seconds);
  }

  load(controller: string, waiting: number, active: number): void {
    this.#keys.set({ controller, state: "waiting" }, waiting);
    this.#keys.set({ controller, state: "active" }, active);
  }

  requested({ method, status }: FinishedRequest): void {
    this.#requests.inc({ method, status: String(status) });
  }
}
