import { expect, test } from "vitest";
import { ApiError, NetworkError } from "../../../../api/kube/client/errors.ts";
import { isUnreachable } from "../../../../node-daemon/adapters/kube/unreachable.ts";

const because = (cause: unknown): Error => new Error("the status was not written", { cause });

test("an API server that gives no answer, or has trouble of its own, is out of reach", () => {
  expect(isUnreachable(because(new NetworkError("ECONNREFUSED", { sent: false })))).toBe(true);
  for (const code of [409, 429, 500, 503]) expect(isUnreachable(because(new ApiError(code, {})))).toBe(true);
});

test("an API server that refuses what it was sent is not out of reach", () => {
  for (const code of [400, 413, 422]) expect(isUnreachable(because(new ApiError(code, {})))).toBe(false);
  expect(isUnreachable(because(new Error("something else")))).toBe(false);
});
