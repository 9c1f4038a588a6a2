import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { apiServerMetrics } from "../../../controller/api-server/request-metrics.ts";

const name = "kubevirt_console_active_connections";

test("a machine's open consoles are counted, and it has no series without one", async () => {
  const registry = new Registry();
  const metrics = apiServerMetrics(registry);
  const shown = async (): Promise<unknown> => (await registry.getSingleMetric(name)?.get())?.values;
  const web = { namespace: "ns", name: "web" };
  const [first, second] = [metrics.opened("console", web), metrics.opened("console", web)];
  expect(await shown()).toEqual([{ labels: { namespace: "ns", vmi: "web" }, value: 2 }]);
  first();
  first();
  expect(await shown()).toMatchObject([{ value: 1 }]);
  second();
  expect(await shown()).toEqual([]);
});
