import { expect, test, vi } from "vitest";
import { Allowance } from "../../../node-daemon/relay/allowance.ts";
import { Turns } from "../../../node-daemon/relay/turns.ts";

test("those who wait have their turns in their order, a few in each round", async () => {
  const turns = new Turns({ interval: 1, most: 2 });
  const had: string[] = [];
  const again = (name: string): void => {
    had.push(name);
    if (had.length < 12) turns.wait(() => again(name));
  };
  for (const name of ["a", "b", "c"]) turns.wait(() => again(name));
  expect(had).toEqual([]);
  await vi.waitFor(() => expect(had.length).toBeGreaterThanOrEqual(12), 20_000);
  expect(had.slice(0, 12).join("")).toBe("abcabcabcabc");
});

test("rounds come less often for a moment after an input", () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  try {
    const turns = new Turns({ interval: 10, most: 1 });
    let had = 0;
    const again = (): void => {
      had += 1;
      turns.wait(again);
    };
    const in100ms = (): number => {
      had = 0;
      vi.advanceTimersByTime(100);
      return had;
    };
    turns.wait(again);
    vi.advanceTimersByTime(50);
    expect(in100ms()).toBe(10);
    turns.input();
    in100ms();
    expect(in100ms()).toBeLessThanOrEqual(3);
    vi.advanceTimersByTime(200);
    expect(in100ms()).toBe(10);
  } finally {
    vi.useRealTimers();
  }
});

test("an allowance is a burst and then a rate", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const allowance = new Allowance({ burst: 100, rate: 10 });
    expect(allowance.take(99)).toBe(true);
    expect(allowance.take(6)).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(allowance.left).toBeCloseTo(5);
    vi.advanceTimersByTime(3_600_000);
    expect(allowance.left).toBe(100);
    allowance.take(1_000_000);
    // It is not in debt for longer than a burst takes.
    vi.advanceTimersByTime(20_000);
    expect(allowance.left).toBeCloseTo(100);
  } finally {
    vi.useRealTimers();
  }
});
