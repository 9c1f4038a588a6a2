import { expect, test } from "vitest";
import type { ControllerRevision } from "../../../api/revision.ts";
import { eventually } from "../cluster.ts";
import {
  aMachine,
  anInstance,
  read,
  readInstance,
  readMachine,
  untilGone,
  untilPhase,
  untilStatus,
  useStage,
  withQuota,
} from "./stage.ts";

const stage = useStage("run-strategies");
const { namespace } = stage;

/** Writes requests as the sub-resources start, stop and restart do. */
async function request(name: string, ...stateChangeRequests: object[]): Promise<void> {
  const patch = JSON.stringify({ status: { stateChangeRequests } });
  await namespace.kubectl("patch", "vm", name, "--subresource=status", "--type=merge", `--patch=${patch}`);
}

async function setStrategy(name: string, runStrategy: string): Promise<void> {
  await namespace.kubectl("patch", "vm", name, "--type=merge", `--patch=${JSON.stringify({ spec: { runStrategy } })}`);
}

test("Always: a machine runs, again after its guest has shut down, and again after a restart", async () => {
  await namespace.apply(aMachine("always", "Always"));
  const running = await untilStatus(namespace, "always", "Running");
  expect(running.status).toMatchObject({ created: true, ready: true, runStrategy: "Always", observedGeneration: 1 });
  const first = await untilPhase(namespace, "always", "Running");

  await stage.daemon.endGuest(namespace.name, "always", "Succeeded");
  const second = await untilOther("always", first.metadata.uid);
  expect(second.spec.domain.firmware?.uuid).toBe(first.spec.domain.firmware?.uuid);

  await request("always", { action: "Stop", uid: second.metadata.uid }, { action: "Start" });
  await untilOther("always", second.metadata.uid);
  await eventually(async () => {
    const { printableStatus, stateChangeRequests } = (await readMachine(namespace, "always"))?.status ?? {};
    expect({ printableStatus, stateChangeRequests }).toEqual({ printableStatus: "Running" });
  });
});

test("Halted: a machine does not run, and an Always one that is halted stops", async () => {
  await namespace.apply(aMachine("halted", "Halted"));
  await untilStatus(namespace, "halted", "Stopped");
  expect(await readInstance(namespace, "halted")).toBeUndefined();
  await setStrategy("halted", "Always");
  await untilStatus(namespace, "halted", "Running");
  await setStrategy("halted", "Halted");
  await untilGone(namespace, "vmi", "halted");
  await eventually(async () => {
    const { status } = (await readMachine(namespace, "halted")) ?? {};
    expect(status?.printableStatus).toBe("Stopped");
    // Clients wait until these are absent, not until they are false.
    expect(Object.keys(status ?? {}).filter((name) => name === "created" || name === "ready")).toEqual([]);
  });
});

test("Halted: a machine that is halted during a restart stays so", async () => {
  await namespace.apply(aMachine("halfway", "Always"));
  await untilStatus(namespace, "halfway", "Running");
  stage.daemon.behave(namespace.name, "halfway", "silence");
  await request("halfway", { action: "Stop" }, { action: "Start" });
  await untilStatus(namespace, "halfway", "Stopping");
  await setStrategy("halfway", "Halted");
  stage.daemon.behave(namespace.name, "halfway", "run");
  await untilGone(namespace, "vmi", "halfway");
  await eventually(async () => {
    const { spec, status } = (await readMachine(namespace, "halfway")) ?? {};
    expect([spec?.runStrategy, status?.printableStatus, status?.stateChangeRequests]).toEqual([
      "Halted",
      "Stopped",
      undefined,
    ]);
  });
});

test("Halted: asked to start paused, it is Always from then on and its guest waits", async () => {
  await namespace.apply(aMachine("start-paused", "Halted"));
  await untilStatus(namespace, "start-paused", "Stopped");
  await request("start-paused", { action: "Start", data: { paused: "true" } });
  await untilStatus(namespace, "start-paused", "Running");
  expect((await readMachine(namespace, "start-paused"))?.spec.runStrategy).toBe("Always");
  expect((await readInstance(namespace, "start-paused"))?.spec.startStrategy).toBe("Paused");
});

test("Manual: a machine starts, stops and restarts when it is asked to, and not by itself", async () => {
  await namespace.apply(aMachine("manual", "Manual"));
  await untilStatus(namespace, "manual", "Stopped");
  await request("manual", { action: "Start" });
  await untilStatus(namespace, "manual", "Running");
  const first = await untilPhase(namespace, "manual", "Running");
  await stage.daemon.endGuest(namespace.name, "manual", "Succeeded");
  await untilStatus(namespace, "manual", "Stopped");
  expect((await readInstance(namespace, "manual"))?.metadata.uid).toBe(first.metadata.uid);

  await request("manual", { action: "Start" });
  const second = await untilOther("manual", first.metadata.uid);
  await request("manual", { action: "Stop", uid: second.metadata.uid });
  await untilGone(namespace, "vmi", "manual");
  await eventually(async () => {
    const { printableStatus, stateChangeRequests } = (await readMachine(namespace, "manual"))?.status ?? {};
    expect({ printableStatus, stateChangeRequests }).toEqual({ printableStatus: "Stopped" });
  });
});

test("RerunOnFailure: a guest that fails is started again, one that shuts down or is stopped is not", async () => {
  await namespace.apply(aMachine("rerun", "RerunOnFailure"));
  const first = await untilPhase(namespace, "rerun", "Running");
  await stage.daemon.endGuest(namespace.name, "rerun", "Failed");
  await untilOther("rerun", first.metadata.uid);
  await stage.daemon.endGuest(namespace.name, "rerun", "Succeeded");
  await untilStatus(namespace, "rerun", "Stopped");
  await untilGone(namespace, "vmi", "rerun");
  await request("rerun", { action: "Start" });
  await untilStatus(namespace, "rerun", "Running");
  const third = await untilPhase(namespace, "rerun", "Running");
  await request("rerun", { action: "Stop", uid: third.metadata.uid });
  await untilGone(namespace, "vmi", "rerun");
  await eventually(async () => {
    const { printableStatus, stateChangeRequests } = (await readMachine(namespace, "rerun"))?.status ?? {};
    expect({ printableStatus, stateChangeRequests }).toEqual({ printableStatus: "Stopped" });
  });
});

test("Once: a guest that has ended is not started again", async () => {
  await namespace.apply(aMachine("once", "Once"));
  await untilStatus(namespace, "once", "Running");
  await stage.daemon.endGuest(namespace.name, "once", "Failed");
  await untilStatus(namespace, "once", "Stopped");
  await namespace.kubectl("delete", "vmi", "once");
  await untilStatus(namespace, "once", "Stopped");
  expect(await readInstance(namespace, "once")).toBeUndefined();
});

test("the old field running means Always and Halted", async () => {
  const machine = aMachine("running", "Always") as { spec: Record<string, unknown> };
  delete machine.spec.runStrategy;
  machine.spec.running = true;
  await namespace.apply(machine);
  await untilStatus(namespace, "running", "Running");
  await namespace.kubectl("patch", "vm", "running", "--type=merge", '--patch={"spec":{"running":false}}');
  const halted = await untilStatus(namespace, "running", "Stopped");
  expect(halted.status?.runStrategy).toBe("Halted");
});

test("a guest that fails before it runs is started again after 10 seconds, then 20", async () => {
  stage.daemon.behave(namespace.name, "crash", "fail");
  await namespace.apply(aMachine("crash", "Always"));
  const first = await untilStatus(namespace, "crash", "CrashLoopBackOff");
  expect(first.status?.startFailure).toMatchObject({ consecutiveFailCount: 1 });
  expect(retryOf(first) - Date.now()).toBeLessThanOrEqual(10_000);
  // The API's times are whole seconds.
  expect(retryOf(first) - Date.parse(first.metadata.creationTimestamp ?? "")).toBeGreaterThanOrEqual(9_000);
  const second = await expectFailures("crash", 2);
  expect(retryOf(second) - Date.now()).toBeLessThanOrEqual(20_000);
  expect(retryOf(second) - retryOf(first)).toBeGreaterThanOrEqual(19_000);
  stage.daemon.behave(namespace.name, "crash", "run");
  const running = await untilStatus(namespace, "crash", "Running");
  expect(running.status?.startFailure).toBeUndefined();
});

test("a machine whose starts fail rests when it is stopped, and runs when it is asked to again", async () => {
  stage.daemon.behave(namespace.name, "rests", "fail");
  await namespace.apply(aMachine("rests", "RerunOnFailure"));
  await expectFailures("rests", 1);
  await untilGone(namespace, "vmi", "rests");
  await request("rests", { action: "Stop" });
  const resting = await untilStatus(namespace, "rests", "Stopped");
  expect([resting.status?.stateChangeRequests, resting.status?.startFailure]).toEqual([undefined, undefined]);
  stage.daemon.behave(namespace.name, "rests", "run");
  await request("rests", { action: "Start" });
  await untilStatus(namespace, "rests", "Running");
});

test("a template that changes under a running machine asks for a restart, and the restart takes it over", async () => {
  await namespace.apply(aMachine("changed", "Always"));
  await untilStatus(namespace, "changed", "Running");
  const patch = JSON.stringify({ spec: { template: { spec: { domain: { memory: { guest: "96Mi" } } } } } });
  await namespace.kubectl("patch", "vm", "changed", "--type=merge", `--patch=${patch}`);
  await namespace.kubectl("wait", "vm", "changed", "--for=condition=RestartRequired", "--timeout=60s");
  const changed = await readMachine(namespace, "changed");
  expect(changed?.status).toMatchObject({ observedGeneration: 1, desiredGeneration: 2 });
  const before = await readInstance(namespace, "changed");
  const uid = before?.metadata.uid;
  // What runs is kept, and the instance says where.
  const names = [1, 2].map((generation) => `revision-start-vm-${changed?.metadata.uid}-${generation}`);
  expect(before?.status?.virtualMachineRevisionName).toBe(names[0]);
  const kept = await read<ControllerRevision>(namespace, "controllerrevision", names[0] ?? "");
  expect(kept).toMatchObject({
    revision: 1,
    data: { spec: { template: { spec: { domain: { memory: { guest: "64Mi" } } } } } },
    metadata: { ownerReferences: [{ kind: "VirtualMachine", name: "changed", controller: true }] },
  });
  await request("changed", { action: "Stop", uid }, { action: "Start" });
  const instance = await untilOther("changed", uid);
  expect(instance.spec.domain.memory?.guest).toBe("96Mi");
  expect(instance.status?.virtualMachineRevisionName).toBe(names[1]);
  const revisions = await namespace.kubectl("get", "controllerrevisions", "--output=name");
  expect(names.map((name) => revisions.includes(name))).toEqual([false, true]);
  await eventually(async () => {
    const { status } = (await readMachine(namespace, "changed")) ?? {};
    expect(status?.printableStatus).toBe("Running");
    expect(status?.conditions?.map(({ type }) => type)).not.toContain("RestartRequired");
    expect(status).toMatchObject({ observedGeneration: 2, desiredGeneration: 2 });
  });
  await namespace.kubectl("delete", "vm", "changed");
  expect(await namespace.kubectl("get", "controllerrevisions", "--output=name")).not.toContain(names[1]);
});

test("an instance that no node has room for leaves no revision of its machine behind", async () => {
  await namespace.apply(aMachine("nowhere", "Always", { nodeSelector: { "kubernetes.io/hostname": "none" } }));
  const { metadata } = await untilStatus(namespace, "nowhere", "ErrorUnschedulable");
  const name = `revision-start-vm-${metadata.uid}-1`;
  expect(await read(namespace, "controllerrevision", name)).toBeDefined();
  await setStrategy("nowhere", "Halted");
  await untilStatus(namespace, "nowhere", "Stopped");
  expect(await read(namespace, "controllerrevision", name)).toBeUndefined();
});

test("a paused guest makes its machine Paused", async () => {
  await namespace.apply(aMachine("paused", "Always"));
  await untilStatus(namespace, "paused", "Running");
  const condition = { type: "Paused", status: "True", reason: "PausedByUser" } as const;
  await stage.daemon.setCondition(namespace.name, "paused", condition);
  const paused = await untilStatus(namespace, "paused", "Paused");
  expect(paused.status?.conditions).toContainEqual(expect.objectContaining(condition));
});

test.for(["Always", "Once", "RerunOnFailure"])(
  "an instance of a machine's name that it does not control is in the way, reported and left alone: %s",
  async (strategy) => {
    const name = `stranger-${strategy.toLowerCase()}`;
    await namespace.apply(anInstance(name));
    const before = await untilPhase(namespace, name, "Running");
    await namespace.apply(aMachine(name, strategy));
    await namespace.kubectl("wait", "vm", name, "--for=condition=Failure", "--timeout=60s");
    expect((await readInstance(namespace, name))?.metadata.uid).toBe(before.metadata.uid);
    await namespace.kubectl("delete", "vmi", name);
    await untilStatus(namespace, name, "Running");
  },
);

test.for(["Once", "RerunOnFailure"])("a first start that is refused is made when it may be: %s", async (strategy) => {
  const name = `refused-${strategy.toLowerCase()}`;
  await withQuota(namespace, { "count/virtualmachineinstances.kubevirt.io": "0" }, async () => {
    await namespace.apply(aMachine(name, strategy));
    await namespace.kubectl("wait", "vm", name, "--for=condition=Failure", "--timeout=60s");
  });
  const running = await untilStatus(namespace, name, "Running");
  expect(running.status?.conditions?.some(({ type }) => type === "Failure")).toBe(false);
});

test("a machine that was deleted without its instance takes it back when it returns", async () => {
  await namespace.apply(aMachine("orphan", "Always"));
  const before = await untilPhase(namespace, "orphan", "Running");
  await namespace.kubectl("delete", "vm", "orphan", "--cascade=orphan");
  await untilGone(namespace, "vm", "orphan");
  await namespace.apply(aMachine("orphan", "Always"));
  await untilStatus(namespace, "orphan", "Running");
  expect((await readInstance(namespace, "orphan"))?.metadata.uid).toBe(before.metadata.uid);
});

test("a machine that is deleted stays until its instance is gone", async () => {
  await namespace.apply(aMachine("deleted", "Always"));
  await untilStatus(namespace, "deleted", "Running");
  stage.daemon.behave(namespace.name, "deleted", "silence");
  await namespace.kubectl("delete", "vm", "deleted", "--wait=false");
  await untilStatus(namespace, "deleted", "Terminating");
  expect((await readInstance(namespace, "deleted"))?.metadata.deletionTimestamp).toBeDefined();
  stage.daemon.behave(namespace.name, "deleted", "run");
  await untilGone(namespace, "vm", "deleted");
  expect(await readInstance(namespace, "deleted")).toBeUndefined();
});

async function untilOther(name: string, uid: string | undefined) {
  return eventually(async () => {
    const instance = await readInstance(namespace, name);
    if (instance?.status?.phase === "Running" && instance.metadata.uid !== uid) return instance;
    throw new Error(`${name} has no other instance that runs: ${JSON.stringify(instance?.status)}`);
  });
}

async function expectFailures(name: string, failures: number) {
  return eventually(async () => {
    const machine = await readMachine(namespace, name);
    if (machine?.status?.startFailure?.consecutiveFailCount === failures) return machine;
    throw new Error(`${name} has not failed ${failures} times: ${JSON.stringify(machine?.status?.startFailure)}`);
  });
}

function retryOf(machine: Awaited<ReturnType<typeof untilStatus>>): number {
  return Date.parse(machine.status?.startFailure?.retryAfterTimestamp ?? "");
}
