import { afterEach, expect, test, vi } from "vitest";
import { nodeClock } from "../../../node-daemon/adapters/node-clock.ts";

afterEach(() => vi.useRealTimers());

test("the node's clock goes on from its start, whatever the time of day is set to", async () => {
  const clock = await nodeClock();
  const before = clock.sinceBoot();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_000 });
  const after = clock.sinceBoot();
  expect(after).toBeGreaterThanOrEqual(before);
  expect(after - before).toBeLessThan(3_600_000);
});

test("two looks in one start of the node agree on which start that is", async () => {
  const { boot } = await nodeClock();
  expect(boot).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect((await nodeClock()).boot).toBe(boot);
});
