import { expect, test } from "vitest";
import { type UnschedulableReason, unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import { noLog } from "../../../api/kube/log.ts";
import { NodeHeartbeat } from "../../../node-daemon/health/node-heartbeat.ts";

interface Setting {
  /** Whether the node was offered when the daemon started. */
  readonly offered?: boolean;
}

/** A heart whose clock and node the test sets. */
function aHeart({ offered = false }: Setting = {}) {
  const clock = { now: 0 };
  const world = { unfit: undefined as UnschedulableReason | undefined, isReached: true };
  const said: (UnschedulableReason | "fit")[] = [];
  const answer = <T>(value: T): Promise<T> =>
    world.isReached ? Promise.resolve(value) : Promise.reject(new Error("connect ECONNREFUSED"));
  const heartbeat = new NodeHeartbeat({
    api: {
      isOffered: () => answer(offered),
      beat: async (unfit) => {
        await answer(undefined);
        said.push(unfit ?? "fit");
      },
      farewell: () => answer(undefined),
    },
    unfit: () => world.unfit,
    log: noLog,
    now: () => clock.now,
  });
  const { signal } = new AbortController();
  /** Lets time go by, with a look each second. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.now += 1000;
      await heartbeat.look(signal);
    }
  };
  return { heartbeat, world, said, pass };
}

test("a node that is well is offered at once, and beats about each minute", async () => {
  const { said, pass } = aHeart();
  await pass(1);
  expect(said).toEqual(["fit"]);
  await pass(600);
  expect(said.length).toBeGreaterThanOrEqual(9);
  expect(said.length).toBeLessThanOrEqual(12);
  expect(new Set(said)).toEqual(new Set(["fit"]));
});

test("that it is not well is told at once, that it is well again only once it has stayed so", async () => {
  const { said, pass, world } = aHeart();
  await pass(1);
  world.unfit = unschedulableReasons.libvirtLost;
  await pass(1);
  expect(said).toEqual(["fit", unschedulableReasons.libvirtLost]);
  world.unfit = undefined;
  await pass(19);
  expect(said).toHaveLength(2);
  await pass(5);
  expect(said).toEqual(["fit", unschedulableReasons.libvirtLost, "fit"]);
});

test("a libvirt that comes and goes costs no write for each time", async () => {
  const { said, pass, world } = aHeart();
  await pass(1);
  for (let time = 0; time < 10; time += 1) {
    world.unfit = unschedulableReasons.libvirtLost;
    await pass(2);
    world.unfit = undefined;
    await pass(3);
  }
  expect(said).toEqual(["fit", unschedulableReasons.libvirtLost]);
});

test("a daemon that starts says nothing before it knows how it is", async () => {
  const { said, pass, world } = aHeart();
  world.unfit = unschedulableReasons.starting;
  await pass(5);
  expect(said).toEqual([]);
  world.unfit = undefined;
  await pass(1);
  expect(said).toEqual(["fit"]);
});

test("a daemon that finds its node offered, since it was killed, takes that back until it has lived for a while", async () => {
  const { said, pass, world, heartbeat } = aHeart({ offered: true });
  world.unfit = unschedulableReasons.starting;
  await pass(2);
  world.unfit = undefined;
  await pass(10);
  expect(said).toEqual([unschedulableReasons.starting, unschedulableReasons.crashed]);
  expect(heartbeat.isTold).toBe(true);
  await pass(15);
  expect(said.at(-1)).toBe("fit");
});

test("a node without libvirt says so with each beat", async () => {
  const { said, pass, world } = aHeart();
  world.unfit = unschedulableReasons.withoutLibvirt;
  await pass(150);
  expect(new Set(said)).toEqual(new Set([unschedulableReasons.withoutLibvirt]));
  expect(said.length).toBeGreaterThanOrEqual(2);
});

test("a beat that could not be written is known, and is written when the API server is back", async () => {
  const { said, pass, world, heartbeat } = aHeart();
  world.isReached = false;
  await pass(3);
  expect(heartbeat.failure).toMatchObject({ message: "connect ECONNREFUSED" });
  expect(heartbeat.isTold).toBe(false);
  world.isReached = true;
  await pass(6);
  expect(said).toEqual(["fit"]);
  expect(heartbeat.failure).toBeUndefined();
  expect(heartbeat.isTold).toBe(true);
});
