import { expect, onTestFinished, test, vi } from "vitest";
import { annotations, finalizers } from "../../../api/contract/labels.ts";
import { Store } from "../../../api/kube/controller/store.ts";
import { type Event, EventRecorder } from "../../../api/kube/events.ts";
import { noLog } from "../../../api/kube/log.ts";
import { keyOf } from "../../../api/kube/resources/object.ts";
import { pathOf } from "../../../api/kube/resources/resource.ts";
import { machines, type VirtualMachine } from "../../../api/resources.ts";
import { type CachedMachine, cachedMachine } from "../../../controller/cache/slim-machine.ts";
import { expiryController } from "../../../controller/expiry/controller.ts";
import { aMachine } from "../builders.ts";
import { FakeApi } from "../fake-api.ts";

/** A controller of machines' expiries, by a clock that the test sets. */
async function running() {
  const store = new Store<CachedMachine>();
  /** Whether the controller hears of changes. */
  const watch = { works: true };
  const api = await FakeApi.start((_, object, isGone) => {
    if (!watch.works || object.kind !== "VirtualMachine") return;
    if (isGone) store.delete(keyOf(object));
    else store.set(cachedMachine(structuredClone(object) as VirtualMachine));
  });
  const clock = { now: 0 };
  const ended = new AbortController();
  const recorder = new EventRecorder(api.client, { component: "virt-controller" }, ended.signal);
  const controller = expiryController({
    name: "vm-expiry",
    client: api.client,
    watching: { store, synced: Promise.resolve() },
    resource: machines,
    events: recorder,
    log: noLog,
    clock: () => clock.now,
  });
  const run = controller.run(ended.signal);
  onTestFinished(async () => {
    ended.abort();
    await run.catch(() => {});
  });
  const exists = (machine: VirtualMachine): boolean => api.objects.has(pathOf(machines, machine.metadata));
  const isIdle = (): Promise<void> =>
    vi.waitFor(() => expect(controller.load).toMatchObject({ waiting: 0, active: 0 }), 20_000);
  return { api, clock, watch, controller, recorder, exists, isIdle };
}

const expiring = (expireAfter: string, more: Record<string, string> = {}, name = "demo"): VirtualMachine =>
  aMachine({
    metadata: { name, uid: `uid-${name}`, annotations: { [annotations.expireAfter]: expireAfter, ...more } },
  });

test("a machine is deleted when nobody has renewed it for its time, and an event says so", async () => {
  const { api, clock, controller, recorder, exists, isIdle } = await running();
  const [short, long, none] = [expiring("90s"), expiring("2h", {}, "long"), aMachine({ metadata: { name: "none" } })];
  for (const machine of [short, long, none]) api.put(machines, machine);
  await isIdle();
  clock.now = 89_999;
  controller.enqueue("default/demo");
  await isIdle();
  expect(exists(short)).toBe(true);
  clock.now = 90_000;
  for (const key of ["demo", "long", "none"]) controller.enqueue(`default/${key}`);
  await vi.waitFor(() => expect(exists(short)).toBe(false), 20_000);
  await isIdle();
  expect([exists(long), exists(none)]).toEqual([true, true]);
  await recorder.flush();
  const events = [...api.objects.values()].filter(({ kind }) => kind === "Event") as Event[];
  expect(events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
    "Expired: Deleted: its expiry was not renewed for 90s",
  ]);
});

test("each renewal gives it its whole time again", async () => {
  const { api, clock, exists, controller, isIdle } = await running();
  const machine = expiring("1m");
  for (const renewal of ["1", "2", "3"]) {
    api.put(machines, expiring("1m", { [annotations.renewed]: renewal }));
    await isIdle();
    clock.now += 50_000;
    controller.enqueue("default/demo");
    await isIdle();
    expect(exists(machine)).toBe(true);
  }
  clock.now += 10_000;
  controller.enqueue("default/demo");
  await vi.waitFor(() => expect(exists(machine)).toBe(false), 20_000);
});

test("a renewal that the controller has not heard of yet keeps the machine", async () => {
  const { api, clock, watch, controller, exists, isIdle } = await running();
  const machine = expiring("1m");
  api.put(machines, machine);
  await isIdle();
  watch.works = false;
  api.put(machines, { ...expiring("1m", { [annotations.renewed]: "1" }) });
  clock.now = 100_000;
  controller.enqueue("default/demo");
  await isIdle();
  expect(exists(machine)).toBe(true);
});

test("a machine that is on its way out is deleted once", async () => {
  const { api, clock, controller, recorder, isIdle } = await running();
  const machine = expiring("1s");
  const held = { ...machine, metadata: { ...machine.metadata, finalizers: [finalizers.machine] } };
  api.put(machines, held);
  await isIdle();
  clock.now = 2000;
  controller.enqueue("default/demo");
  await vi.waitFor(
    () => expect(api.objects.get(pathOf(machines, held.metadata))?.metadata.deletionTimestamp).toBeDefined(),
    20_000,
  );
  const version = api.objects.get(pathOf(machines, held.metadata))?.metadata.resourceVersion;
  controller.enqueue("default/demo");
  await isIdle();
  await recorder.flush();
  expect(api.objects.get(pathOf(machines, held.metadata))?.metadata.resourceVersion).toBe(version);
  expect([...api.objects.values()].filter(({ kind }) => kind === "Event")).toHaveLength(1);
});

test.each(["soon", "-5s", "", "5", "1.5h"])(
  "the controller leaves a machine with the expiry %j alone",
  async (text) => {
    const { api, clock, controller, exists, isIdle } = await running();
    const machine = expiring(text);
    api.put(machines, machine);
    await isIdle();
    clock.now = 1e9;
    controller.enqueue("default/demo");
    await isIdle();
    expect(exists(machine)).toBe(true);
  },
);
