import { expect, test } from "vitest";
import { unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import { ApiError } from "../../../api/kube/client/errors.ts";
import { FileThreads } from "../../../node-daemon/health/file-threads.ts";
import { Health, type Parts } from "../../../node-daemon/health/health.ts";
import type { LibvirtState } from "../../../node-daemon/health/libvirt-watch.ts";

interface Setting {
  readonly libvirt?: LibvirtState;
  readonly why?: Error;
  readonly beatFailure?: Error;
  readonly isTold?: boolean;
  readonly filesStuckFor?: number;
  readonly core?: Partial<NonNullable<ReturnType<Parts["core"]>>> | "none";
}

function aHealth({
  libvirt = "answers",
  why,
  beatFailure,
  isTold = true,
  filesStuckFor = 0,
  core = {},
}: Setting = {}): Health {
  return new Health({
    libvirt: { state: libvirt, failure: why },
    heartbeat: { failure: beatFailure, isTold },
    files: { stuckFor: filesStuckFor },
    core: () => (core === "none" ? undefined : { isSynced: true, trouble: undefined, stuckFor: 0, ...core }),
  });
}

/** What it says when it is asked. */
function said(check: () => void): string {
  try {
    check();
    return "ok";
  } catch (error) {
    return (error as Error).message;
  }
}

const ready = (setting: Setting): string => said(() => aHealth(setting).ready());
const healthy = (setting: Setting): string => said(() => aHealth(setting).healthy());
const unfit = (setting: Setting): string | undefined => aHealth(setting).unfit();

const cut = new Error("connect ECONNREFUSED");
const hour = 3_600_000;

test("all is well where libvirt and the API server answer", () => {
  expect([ready({}), healthy({}), unfit({})]).toEqual(["ok", "ok", undefined]);
});

test("a libvirt that is lost makes it not ready, with the reason, and no restart is asked for", () => {
  const setting = { libvirt: "lost", why: cut } as const;
  expect(ready(setting)).toBe("libvirt is out of reach: connect ECONNREFUSED");
  expect(healthy(setting)).toBe("ok");
  expect(unfit(setting)).toBe(unschedulableReasons.libvirtLost);
  // What stands still does so for want of libvirt.
  expect(healthy({ ...setting, core: { stuckFor: hour } })).toBe("ok");
});

test("an API server out of reach makes it not ready, with the reason, and no restart is asked for", () => {
  for (const setting of [{ core: { trouble: cut } }, { beatFailure: cut }]) {
    expect(ready(setting)).toBe("the API server is out of reach: connect ECONNREFUSED");
    expect(healthy(setting)).toBe("ok");
  }
  const refusal = new ApiError(403, { message: "nodes is forbidden" });
  expect(ready({ beatFailure: refusal })).toBe("the API server refuses: nodes is forbidden");
});

test("on a node without libvirt it is ready, and no machine is placed there", () => {
  const setting = { libvirt: "absent", core: "none", why: cut } as const;
  expect([ready(setting), healthy(setting), unfit(setting)]).toEqual(["ok", "ok", unschedulableReasons.withoutLibvirt]);
});

test("it is not ready, and its node not offered, before it knows how things are", () => {
  expect(ready({ libvirt: "unknown", core: "none" })).toBe("libvirt has not been asked yet");
  expect(ready({ isTold: false })).toBe("the API server has not been told of this node yet");
  expect(unfit({ libvirt: "unknown", core: "none" })).toBe(unschedulableReasons.starting);
  expect(unfit({ core: { isSynced: false } })).toBe(unschedulableReasons.starting);
});

test("what stands still takes the node out after a minute, and asks for a restart after ten", () => {
  for (const stuck of [
    (stuckFor: number) => ({ core: { stuckFor } }),
    (filesStuckFor: number) => ({ filesStuckFor }),
  ]) {
    expect([unfit(stuck(50_000)), healthy(stuck(50_000))]).toEqual([undefined, "ok"]);
    expect([unfit(stuck(70_000)), healthy(stuck(70_000))]).toEqual([unschedulableReasons.stuck, "ok"]);
    expect(healthy(stuck(700_000))).not.toBe("ok");
    expect(ready(stuck(700_000))).not.toBe("ok");
  }
});

test("threads for files that do not come back are known, until they do", async () => {
  const asked = Promise.withResolvers<void>();
  const stop = new AbortController();
  const files = new FileThreads(() => asked.promise);
  const running = files.run(stop.signal, 5);
  await expect.poll(() => files.stuckFor).toBeGreaterThan(20);
  asked.resolve();
  await expect.poll(() => files.stuckFor).toBeLessThan(20);
  stop.abort();
  await running;
});
