import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, TerminalError } from "../../../../api/kube/client/errors.ts";
import { Controller, type Outcome, type Reconcile, type Result } from "../../../../api/kube/controller/controller.ts";
import { controlledBy, ownerKey, type Source } from "../../../../api/kube/controller/source.ts";
import { aThing, things } from "../http-server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A running controller that reconciles one key, `a`, and what was told of it. */
function running(reconcile: Reconcile, sources: readonly Source[] = []) {
  const abort = new AbortController();
  const results: Result[] = [];
  const logged: string[] = [];
  const controller = new Controller({
    name: "test",
    reconcile,
    sources,
    backoff: { base: 100, max: 1000, random: () => 1 },
    metrics: { reconciled: (_name, result) => results.push(result) },
    log: (level, message) => logged.push(`${level} ${message}`),
  });
  const ended = controller.run(abort.signal);
  controller.enqueue("a");
  return { controller, abort, results, logged, ended };
}

/** A reconciler that does one thing after another, and the last one again. */
function inTurn(...outcomes: readonly (Outcome | Error)[]): Reconcile {
  let turn = 0;
  return async () => {
    const outcome = outcomes[Math.min(turn, outcomes.length - 1)]!;
    turn += 1;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
}

describe("a reconcile", () => {
  test("that is done does not come again by itself", async () => {
    const { results } = running(inTurn("done"));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(results).toEqual(["done"]);
  });

  test("that names a time comes again after it", async () => {
    const { results } = running(inTurn({ after: 500 }, "done"));
    await vi.advanceTimersByTimeAsync(499);
    expect(results).toEqual(["after"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(results).toEqual(["after", "done"]);
  });

  test("that throws comes again after a growing delay, and is shown", async () => {
    const fault = new Error("libvirt does not answer");
    const { results, logged } = running(inTurn(fault, fault, fault, "done", fault, "done"));
    await vi.advanceTimersByTimeAsync(100 + 200);
    expect(results).toEqual(["error", "error", "error"]);
    await vi.advanceTimersByTimeAsync(400);
    expect(results).toEqual(["error", "error", "error", "done"]);
    expect(logged.filter((line) => line === "error reconciling failed")).toHaveLength(3);
  });

  test("that throws at once, not in a promise, is the same", async () => {
    const { results } = running(() => {
      throw new Error("a fault of ours");
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(results).toEqual(["error"]);
  });

  test("that finds a TerminalError is counted and shown, and waits for the next change", async () => {
    const { controller, results, logged } = running(inTurn(new TerminalError("no such machine type"), "done"));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(results).toEqual(["terminal"]);
    expect(logged.at(-1)).toMatch(/^error /);
    controller.enqueue("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(results).toEqual(["terminal", "done"]);
  });

  test("that lost a race comes again without an outcry", async () => {
    const { results, logged } = running(inTurn(new ApiError(409, { reason: "Conflict" }), "done"));
    await vi.advanceTimersByTimeAsync(100);
    expect(results).toEqual(["conflict", "done"]);
    expect(logged.some((line) => line.startsWith("error"))).toBe(false);
  });
});

test("nothing is reconciled before all sources know what there is", async () => {
  const synced = Promise.withResolvers<void>();
  const source: Source = { synced: synced.promise, subscribe: () => () => {} };
  const { results } = running(inTurn("done"), [source]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(results).toEqual([]);
  synced.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(results).toEqual(["done"]);
});

test("a controller that ends waits for what is under way, and hears no more", async () => {
  let listener: ((key: string) => void) | undefined;
  const subscribe: Source["subscribe"] = (told) => {
    listener = told;
    return () => (listener = undefined);
  };
  const { abort, ended, results } = running(
    (_key, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    [{ synced: Promise.resolve(), subscribe }],
  );
  await vi.advanceTimersByTimeAsync(0);
  expect(listener).toBeDefined();
  abort.abort();
  await ended;
  expect([listener, results]).toEqual([undefined, []]);
});

test("a controller ends also while it waits for its sources", async () => {
  const source: Source = { synced: new Promise(() => {}), subscribe: () => () => {} };
  const { abort, ended, results } = running(inTurn("done"), [source]);
  abort.abort();
  await ended;
  expect(results).toEqual([]);
});

test("an object's controlling owner is found by kind and group, in whatever version", () => {
  const owned = aThing("owned");
  const reference = controlledBy(aThing("owning"), things);
  owned.metadata!.ownerReferences = [{ ...reference, controller: false, name: "other" }, reference];
  expect(ownerKey(owned, things)).toBe("default/owning");
  expect(ownerKey(owned, { ...things, version: "v2" })).toBe("default/owning");
  expect(ownerKey(owned, { ...things, group: "other.example.com" })).toBeUndefined();
  expect(ownerKey(owned, { ...things, kind: "Other" })).toBeUndefined();
  expect(ownerKey(owned, { ...things, namespaced: false })).toBe("owning");
  expect(ownerKey(aThing("alone"), things)).toBeUndefined();
});
