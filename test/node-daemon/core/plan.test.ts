import { array, assert, boolean, integer, property } from "fast-check";
import { expect, test } from "vitest";
import type { Desired, Wanted } from "../../../node-daemon/core/model.ts";
import { plan } from "../../../node-daemon/core/plan.ts";
import { FakeNode } from "../fake-node.ts";

const wanted: Wanted = {
  volumes: [
    { do: "make-overlay", volume: "root", fromPod: true },
    { do: "show-claim", volume: "files", fromPod: true },
    { do: "make-file-disk", volume: "settings", fromPod: true },
    { do: "make-empty-disk", volume: "data", fromPod: true },
    { do: "make-cloud-init", volume: "seed", fromPod: false },
  ],
  ephemeral: true,
  uefi: true,
  kernel: true,
  taps: ["vm-0", "vm-1"],
  bridged: false,
  dhcp: true,
  console: true,
  startPaused: false,
  hasRun: false,
};
const run = (parts: Partial<Wanted> = {}): Desired => ({ goal: "run", ...wanted, ...parts });

const running = (): FakeNode => {
  const world = new FakeNode();
  world.container = true;
  world.work(run());
  return world;
};

const withoutPod = run({
  kernel: false,
  ephemeral: false,
  volumes: wanted.volumes.filter(({ fromPod: ofPod }) => !ofPod),
});

test("a machine without volumes of its pod is started, paused, before its container is there", () => {
  const world = new FakeNode();
  expect(world.work(withoutPod)).toBe("container");
  expect(world.domain?.state).toBe("paused");
  world.container = true;
  expect(world.work(withoutPod)).toBe("nothing");
  expect(world).toMatchObject({ adopted: true, started: true, domain: { state: "running" }, starts: 1 });
});

test("what is made of what the pod mounts waits for the container, whatever it is", () => {
  const world = new FakeNode();
  const desired = run({
    kernel: false,
    ephemeral: false,
    volumes: [{ do: "make-cloud-init", volume: "seed", fromPod: true }],
  });
  expect(world.work(desired)).toBe("container");
  expect(world).toMatchObject({ isos: new Set(), domain: undefined });
  world.container = true;
  expect(world.work(desired)).toBe("nothing");
  expect(world).toMatchObject({ isos: new Set(["seed"]), started: true });
});

test("a machine that is bridged to its pod is defined when the pod's devices are known", () => {
  const world = new FakeNode();
  world.bridged = true;
  const desired = { ...withoutPod, bridged: true };
  expect(world.work(desired)).toBe("container");
  expect(world.domain).toBeUndefined();
  world.container = true;
  expect(world.work(desired)).toBe("nothing");
  expect(world).toMatchObject({ links: [], started: true, starts: 1 });
});

test("a machine whose addresses nobody has to give out is attached without a responder", () => {
  const world = new FakeNode();
  world.container = true;
  world.work(run());
  world.dhcp = false;
  expect(plan(run({ dhcp: false }), world.observe()).steps).not.toContainEqual({ do: "attach-network" });
  expect(plan(run(), world.observe()).steps).toContainEqual({ do: "attach-network" });
});

test("a machine with container disks waits for its container, with all else made", () => {
  const world = new FakeNode();
  expect(world.work(run())).toBe("container");
  expect(world).toMatchObject({ variables: true, domain: undefined });
  expect([...world.disks.keys(), ...world.isos]).toEqual(["seed"]);
});

test("a machine that starts paused is not resumed, nor is one that was paused by its user", () => {
  const world = new FakeNode();
  world.container = true;
  expect(world.work(run({ startPaused: true }))).toBe("nothing");
  expect(world).toMatchObject({ started: true, domain: { state: "paused" } });
  const other = running();
  other.domain = { state: "paused", reason: "USER" };
  other.work(run());
  expect(other.domain.state).toBe("paused");
});

test("wherever the daemon dies, the next one starts the machine, once", () => {
  assert(
    property(array(integer({ min: 1, max: 12 }), { maxLength: 6 }), (lives) => {
      const world = new FakeNode();
      world.container = true;
      for (const life of lives) world.work(run(), life);
      expect(world.work(run())).toBe("nothing");
      expect(world).toMatchObject({ started: true, domain: { state: "running" }, starts: 1 });
    }),
  );
});

test("a guest that has shut itself down before it was noted that it runs is not started again", () => {
  const world = running();
  world.started = false;
  world.domain = { state: "off", reason: "SHUTDOWN" };
  expect(world.work(run())).toBe("removal");
  expect(world).toMatchObject({ ended: {}, domain: undefined, starts: 1 });
});

test.for(["UNKNOWN", "FAILED", "CRASHED"])("a machine whose start came to nothing by %s is started again", (reason) => {
  const world = running();
  world.started = false;
  world.domain = { state: "off", reason };
  Object.assign(world, { tapsOnNode: [], tapsInPod: [], adopted: false });
  expect(world.work(run())).toBe("nothing");
  expect(world).toMatchObject({ started: true, domain: { state: "running" }, starts: 2 });
});

test("wherever the daemon dies, the next one takes the machine down and leaves nothing", () => {
  assert(
    property(array(integer({ min: 1, max: 6 }), { maxLength: 6 }), boolean(), (lives, listens) => {
      const world = running();
      const stop: Desired = { goal: "stop", grace: 30_000 };
      for (const life of lives) world.work(stop, life);
      if (world.work(stop) === "shutdown") {
        if (listens) world.domain = { state: "off", reason: "SHUTDOWN" };
        else world.now = 30_000;
        world.work(stop);
      }
      expect(world).toMatchObject({ domain: undefined, released: true, folder: true, disks: new Map() });
      for (const life of lives) world.work({ goal: "leave-log" }, life);
      expect(world.work({ goal: "leave-log" })).toBe("nothing");
      expect(world).toMatchObject({ domain: undefined, folder: true, disks: new Map() });
      for (const life of lives) world.work({ goal: "vanish" }, life);
      world.work({ goal: "vanish" });
      expect(world.folder).toBe(false);
    }),
  );
});

test("a machine that has run is never started again, whatever is left of it", () => {
  for (const domain of [undefined, { state: "off" as const, reason: "SHUTDOWN" }]) {
    const world = running();
    world.domain = domain;
    expect(world.work(run())).toBe("removal");
    expect(world).toMatchObject({ starts: 1, released: true, ended: {} });
  }
  const lost = new FakeNode();
  lost.container = true;
  expect(lost.work(run({ hasRun: true }))).toBe("removal");
  expect(lost.starts).toBe(0);
});

test("the power button is pressed again while the guest does not listen, and not more often", () => {
  const world = running();
  const stop: Desired = { goal: "stop", grace: 30_000 };
  world.stopping = 0;
  expect(plan(stop, world.observe())).toMatchObject({ steps: [{ do: "press-power-button" }], after: 5000 });
  world.pressed = 0;
  world.now = 4000;
  expect(plan(stop, world.observe())).toEqual({ steps: [], awaiting: "shutdown", after: 1000 });
  world.now = 5000;
  expect(plan(stop, world.observe()).steps).toEqual([{ do: "press-power-button" }]);
});

test("a guest has its grace period from when the daemon first saw that it is to end, and a shorter one counts from then too", () => {
  const world = running();
  world.now = 7_000_000;
  const until = (grace: number) => plan({ goal: "stop", grace }, world.observe());
  expect(until(30_000).steps[0]).toEqual({ do: "note-stop" });
  expect(world.work({ goal: "stop", grace: 30_000 })).toBe("shutdown");
  world.now += 20_000;
  world.pressed = world.now;
  expect(until(30_000)).toEqual({ steps: [], awaiting: "shutdown", after: 5000 });
  expect(until(21_000)).toMatchObject({ steps: [], after: 1000 });
  expect(until(20_000).steps).toEqual([{ do: "destroy" }]);
  world.now += 10_000;
  expect(until(30_000).steps).toEqual([{ do: "destroy" }]);
});

test("a daemon that is started anew does not count the grace period from zero", () => {
  const world = running();
  const stop: Desired = { goal: "stop", grace: 30_000 };
  expect(world.work(stop, 1)).toBe("died");
  world.now = 29_000;
  expect(plan(stop, world.observe())).toMatchObject({ steps: [{ do: "press-power-button" }], after: 1000 });
});

test("a paused guest is woken to hear the button, and one that never ran is not asked", () => {
  const world = running();
  world.domain = { state: "paused", reason: "USER" };
  const stop: Desired = { goal: "stop", grace: 30_000 };
  const [, ...steps] = plan(stop, world.observe()).steps;
  expect(steps).toEqual([{ do: "resume" }, { do: "press-power-button" }]);
  world.started = false;
  expect(plan(stop, world.observe()).steps).toEqual([{ do: "destroy" }]);
});

test("a guest whose storage is full goes on when there is room, and not more often than every 5 seconds", () => {
  const world = running();
  Object.assign(world, { full: true, room: false, domain: { state: "paused", reason: "IOERROR" } });
  expect(plan(run(), world.observe())).toMatchObject({
    steps: [{ do: "attach-console" }],
    awaiting: "room",
    after: 5000,
  });
  world.room = true;
  world.work(run());
  expect(world.lastContinued).toBe(0);
  world.now = 1000;
  expect(plan(run(), world.observe())).toMatchObject({ steps: [{ do: "attach-console" }], after: 4000 });
  world.domain = { state: "paused", reason: "USER" };
  world.full = false;
  expect(plan(run(), world.observe())).toMatchObject({ awaiting: "nothing" });
});

test("what the build before has made of a machine that has not run is made anew, for a user of its own", () => {
  const world = new FakeNode();
  Object.assign(world, { container: true, folder: true, shared: true, variables: true });
  world.disks.set("root", "qcow2");
  world.bases.set("root", { file: "root", format: "qcow2" });
  world.work(run());
  expect(world).toMatchObject({ shared: false, starts: 1, domain: { state: "running" } });
});

test("a machine that the build before has started goes on as who it is", () => {
  const world = new FakeNode();
  Object.assign(world, { container: true, folder: true, shared: true, started: true, adopted: true });
  Object.assign(world, { domain: { state: "running", reason: "BOOTED" }, tapsInPod: ["vm-0", "vm-1"], dhcp: true });
  expect(world.work(run())).toBe("nothing");
  expect(world).toMatchObject({ shared: true, starts: 0, domain: { state: "running" } });
});

test("a guest whose file systems are frozen is thawed in time, and no sooner", () => {
  const world = running();
  world.agent = true;
  world.frozen = { until: 10_000, isSo: true, isOver: false };
  expect(plan(run(), world.observe())).toMatchObject({ after: 10_000 });
  world.now = 9_999;
  world.work(run());
  expect(world.frozen).toBeDefined();
  world.now = 10_000;
  world.work(run());
  expect(world.frozen).toBeUndefined();
});

test("one without a time, without an agent or that is paused stays frozen, until that changes or it is found thawed", () => {
  const frozen = { until: 10_000, isSo: true, isOver: false };
  for (const parts of [
    { agent: true, frozen: { ...frozen, until: undefined } },
    { agent: false, frozen },
    { agent: true, frozen, domain: { state: "paused", reason: "USER" } as const },
  ]) {
    const world = Object.assign(running(), { now: 20_000 }, parts);
    const { steps } = plan(run(), world.observe());
    expect(steps.map((step) => step.do)).not.toContain("thaw");
    world.frozen = { ...parts.frozen, isSo: false, isOver: true };
    world.work(run());
    expect(world.frozen).toBeUndefined();
  }
});

test("a guest that is to end is thawed first, if it can be", () => {
  for (const agent of [true, false]) {
    const world = Object.assign(running(), { agent, frozen: { until: undefined, isSo: true, isOver: false } });
    world.work({ goal: "stop", grace: 30_000 });
    expect([world.frozen, world.pressed]).toEqual([undefined, world.now]);
  }
});
