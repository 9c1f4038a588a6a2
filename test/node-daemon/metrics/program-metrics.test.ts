import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { ProgramMetrics } from "../../../node-daemon/metrics/program-metrics.ts";

test("reconciles are counted by how they ended, and requests by their answers", async () => {
  const registry = new Registry();
  const metrics = new ProgramMetrics(registry);
  metrics.reconciled("instances", "done", 0.01);
  metrics.reconciled("instances", "done", 0.03);
  metrics.requested({ method: "PATCH", path: "/api", status: 409, duration: 100 });
  const text = await registry.metrics();
  expect(text).toContain('virt_node_daemon_reconciles_total{result="done"} 2');
  expect(text).toContain('virt_node_daemon_reconcile_seconds_bucket{le="0.02"} 1');
  expect(text).toContain('virt_node_daemon_api_requests_total{method="PATCH",status="409"} 1');
});
