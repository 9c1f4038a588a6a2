import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ApiError, NetworkError } from "../../../../api/kube/client/errors.ts";
import { retryDelay } from "../../../../api/kube/client/retry.ts";
import { TokenBucket } from "../../../../api/kube/client/token-bucket.ts";
import { backoffDelay } from "../../../../api/kube/controller/backoff.ts";

test("delays double up to the longest, and half of each is left to chance", () => {
  const delays = (random: number): number[] =>
    [1, 2, 3, 4, 5, 1000].map((failures) => backoffDelay(failures, { base: 100, max: 1000, random: () => random }));
  expect(delays(1)).toEqual([100, 200, 400, 800, 1000, 1000]);
  expect(delays(0)).toEqual([50, 100, 200, 400, 500, 500]);
});

test("only what the server did not act on is sent again", () => {
  const status = fc.record({ code: fc.integer({ min: 400, max: 599 }), after: fc.option(fc.nat({ max: 10_000 })) });
  fc.assert(
    fc.property(status, ({ code, after }) => {
      const again = retryDelay(new ApiError(code, {}, after ?? undefined), 1) !== undefined;
      expect(again).toBe((code === 429 || code === 503) && after !== null);
    }),
  );
  const network = (code: string, sent: boolean): NetworkError =>
    new NetworkError("", { sent, cause: Object.assign(new Error(code), { code }) });
  expect(retryDelay(network("ECONNRESET", true), 1)).toBeUndefined();
  expect(retryDelay(network("ENOTFOUND", false), 1)).toBeUndefined();
  expect(retryDelay(network("ECONNREFUSED", false), 1)).toBeGreaterThan(0);
});

test("a bucket lets a burst through and then one at a time", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const bucket = new TokenBucket({ burst: 2, refill: 1000 });
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    vi.advanceTimersByTime(1000);
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
    vi.advanceTimersByTime(1_000_000);
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  } finally {
    vi.useRealTimers();
  }
});
