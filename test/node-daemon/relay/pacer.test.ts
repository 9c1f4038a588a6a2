import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pacer } from "../../../node-daemon/relay/pacer.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

test("a lone output goes at once, what follows it is gathered", () => {
  const flush = vi.fn<() => void>();
  const pacer = new Pacer(flush, { interval: () => 8 });
  pacer.output();
  expect(flush).toHaveBeenCalledTimes(1);
  for (let number = 0; number < 100; number += 1) pacer.output();
  expect(flush).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(8);
  expect(flush).toHaveBeenCalledTimes(2);
});

test("the answers to input go at once even amid output", () => {
  const flush = vi.fn<() => void>();
  const pacer = new Pacer(flush, { interval: () => 8, answers: 2 });
  pacer.output();
  pacer.input();
  for (let number = 0; number < 5; number += 1) pacer.output();
  expect(flush).toHaveBeenCalledTimes(3);
  pacer.end();
  vi.advanceTimersByTime(100);
  expect(flush).toHaveBeenCalledTimes(3);
});
