import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WorkQueue } from "../../../../api/kube/controller/queue.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A queue whose work ends when the test says so. */
function aQueue(options: ConstructorParameters<typeof WorkQueue>[0] = {}) {
  const queue = new WorkQueue(options);
  const abort = new AbortController();
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const ended = queue.run(async (key) => {
    started.push(key);
    expect(ends.has(key)).toBe(false);
    await new Promise<void>((resolve) => ends.set(key, resolve));
    ends.delete(key);
  }, abort.signal);
  /** Lets everything happen that can without the clock. */
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
  const finish = async (key: string): Promise<void> => {
    ends.get(key)?.();
    await settle();
  };
  return { queue, abort, started, ended, settle, finish };
}

describe("a key", () => {
  test("that is added often waits once", async () => {
    const { queue, started, finish, settle } = aQueue();
    for (const key of ["a", "b", "b", "a", "b"]) queue.add(key);
    await settle();
    await finish("a");
    await finish("b");
    expect(started).toEqual(["a", "b"]);
    expect(queue.depth + queue.active).toBe(0);
  });

  test("that is added while it is worked on is worked on once more, and never by two at a time", async () => {
    const { queue, started, finish, settle } = aQueue({ concurrency: 5 });
    queue.add("a");
    await settle();
    queue.add("a");
    queue.add("a");
    await settle();
    expect(started).toEqual(["a"]);
    await finish("a");
    expect(started).toEqual(["a", "a"]);
    await finish("a");
    expect(queue.active).toBe(0);
  });

  test("that is delayed comes at the earlier of its times", async () => {
    const { queue, started } = aQueue();
    queue.addAfter("a", 5000);
    queue.addAfter("a", 1000);
    queue.addAfter("a", 9000);
    await vi.advanceTimersByTimeAsync(999);
    expect(started).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(["a"]);
    expect(queue.delayed).toBe(0);
  });

  test("that comes before its time does not come again at it", async () => {
    const { queue, started, finish, settle } = aQueue();
    queue.addAfter("a", 1000);
    queue.add("a");
    await settle();
    await finish("a");
    await vi.advanceTimersByTimeAsync(5000);
    expect(started).toEqual(["a"]);
  });

  test("that fails waits longer each time, until it is forgotten", async () => {
    const { queue } = aQueue({ backoff: { base: 100, max: 300, random: () => 1 } });
    expect([queue.retry("a"), queue.retry("a"), queue.retry("a"), queue.retry("b")]).toEqual([100, 200, 300, 100]);
    queue.forget("a");
    expect(queue.retry("a")).toBe(100);
  });
});

test("as many keys are worked on at once as may be, in their order", async () => {
  const { queue, started, finish, settle } = aQueue({ concurrency: 2 });
  for (const key of ["a", "b", "c", "d"]) queue.add(key);
  await settle();
  expect([started, queue.depth]).toEqual([["a", "b"], 2]);
  await finish("b");
  expect([started, queue.depth]).toEqual([["a", "b", "c"], 1]);
});

test("a queue that ends waits for the work under way, drops the rest and leaves no timer", async () => {
  const { queue, abort, started, ended, finish, settle } = aQueue();
  queue.add("a");
  queue.add("b");
  queue.addAfter("c", 1000);
  await settle();
  let done = false;
  const marked = ended.finally(() => (done = true));
  abort.abort();
  queue.add("d");
  queue.addAfter("e", 10);
  await settle();
  expect(done).toBe(false);
  await finish("a");
  await marked;
  expect(started).toEqual(["a"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a queue whose signal was aborted before ends at once", async () => {
  await new WorkQueue().run(() => expect.unreachable(), AbortSignal.abort());
});

test("work that throws ends the queue with what it threw", async () => {
  const queue = new WorkQueue();
  queue.add("a");
  const run = queue.run(async () => {
    throw new Error("a fault of ours");
  }, new AbortController().signal);
  await expect(run).rejects.toThrow("a fault of ours");
});

test("whatever happens, a key that was added is worked on after that, and never twice at a time", async () => {
  const key = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    fc.record({ what: fc.constant("add" as const), key }),
    fc.record({ what: fc.constant("finish" as const), key }),
    fc.record({ what: fc.constant("later" as const), key, delay: fc.nat({ max: 100 }) }),
    fc.record({ what: fc.constant("tick" as const), delay: fc.nat({ max: 100 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, concurrency) => {
      const { queue, abort, started, ended, finish, settle } = aQueue({ concurrency });
      const owed = new Map<string, number>();
      const count = (name: string): number => started.filter((other) => other === name).length;
      for (const now of steps) {
        if (now.what === "add" || now.what === "later") owed.set(now.key, count(now.key) + 1);
        if (now.what === "add") queue.add(now.key);
        if (now.what === "later") queue.addAfter(now.key, now.delay);
        if (now.what === "finish") await finish(now.key);
        if (now.what === "tick") await vi.advanceTimersByTimeAsync(now.delay);
        expect(queue.active).toBeLessThanOrEqual(concurrency);
      }
      for (let round = 0; round < 20; round += 1) {
        await vi.advanceTimersByTimeAsync(100);
        for (const name of ["a", "b", "c"]) await finish(name);
      }
      for (const [name, least] of owed) expect(count(name)).toBeGreaterThanOrEqual(least);
      expect(queue.depth + queue.active + queue.delayed).toBe(0);
      abort.abort();
      await settle();
      await ended;
    }),
    { numRuns: 50 },
  );
});

test("keys that wait while nothing of what is under way ends are counted in time, and only those", async () => {
  const { queue, finish, settle } = aQueue({ concurrency: 2 });
  queue.add("a");
  queue.add("b");
  await settle();
  await vi.advanceTimersByTimeAsync(60_000);
  // Nobody waits.
  expect(queue.stuckFor).toBe(0);
  queue.add("c");
  expect(queue.stuckFor).toBe(60_000);
  await finish("a");
  expect(queue.stuckFor).toBe(0);
  queue.add("d");
  await vi.advanceTimersByTimeAsync(5000);
  expect(queue.stuckFor).toBe(5000);
});
