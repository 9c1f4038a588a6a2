import { expect, test } from "vitest";
import { soak } from "../../soak/libvirt.ts";
import { libvirts } from "./libvirts.ts";

test("thousands of mixed calls, with events and streams under way, leave no failure behind", async () => {
  const [node] = await libvirts();
  const result = await soak(node!, 4000);
  expect(result).toMatchObject({ failures: 0 });
  expect(result.events).toBeGreaterThan(10);
  expect(result.streams).toBeGreaterThan(3);
});
