import { describe, expect, test } from "vitest";
import { annotations, finalizers, labels } from "../../../api/contract/labels.ts";
import { TerminalError } from "../../../api/kube/client/errors.ts";
import type { VirtualMachine } from "../../../api/resources.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import { run } from "../../../controller/vm/run.ts";
import { aMachine, anInstance, aRevision, controller, itsInstance } from "../builders.ts";
import { aWorld, type World } from "../stage.ts";

const machine = aMachine();
const instance = anInstance();
const held = aMachine({ metadata: { finalizers: [finalizers.machine] } });
const failureOf = (world: World) => conditionOf(world.get(machine)?.status?.conditions, "Failure");
const label = (world: World) => () => world.change(machine, { metadata: { labels: { a: "b" } } });

/** A machine whose template is too large to be held. */
function aLarge(metadata: VirtualMachine["metadata"] = {}): VirtualMachine {
  const volumes = [{ name: "init", cloudInitNoCloud: { userData: "#".repeat(40_000) } }];
  return aMachine({ metadata, spec: { template: { spec: { domain: { memory: { guest: "64Mi" } }, volumes } } } });
}

describe("a machine that starts", () => {
  test("gets an instance of its template, which says of which machine it is and in which generation", async () => {
    const template = {
      metadata: { labels: { app: "web", [labels.nodeName]: "node-7" }, annotations: { note: "kept" } },
      spec: { domain: { memory: { guest: "64Mi" } } },
    };
    const world = await aWorld(aMachine({ metadata: { generation: 3 }, spec: { template } }));
    await world.machine(run);
    const { metadata, spec } = world.get(instance)!;
    expect(metadata.labels).toEqual({ app: "web", [labels.machineName]: "demo" });
    expect(metadata.annotations).toMatchObject({ note: "kept", [annotations.machineGeneration]: "3" });
    expect(metadata.ownerReferences).toEqual([controller]);
    expect(spec.domain).toMatchObject({ memory: { guest: "64Mi" }, cpu: { cores: 1 } });
    expect(spec).not.toHaveProperty("startStrategy");
  });

  test("is held first, so that it waits for the instance's end", async () => {
    const world = await aWorld(aMachine({ metadata: { finalizers: ["example.com/backup"] } }));
    world.api.refuse("POST virtualmachineinstances", 500, "the end");
    await expect(world.machine(run)).rejects.toMatchObject({ code: 500 });
    expect(world.get(machine)?.metadata.finalizers).toEqual(["example.com/backup", finalizers.machine]);
    expect(world.unseen).toEqual([]);
    await world.machine(run);
    expect(world.get(instance)).toBeDefined();
    expect(world.get(machine)?.metadata.finalizers).toEqual(["example.com/backup", finalizers.machine]);
  });

  test("is not written where it is held already", async () => {
    const world = await aWorld(held);
    const before = world.get(machine);
    await world.machine(run);
    expect(world.get(machine)).toBe(before);
    expect(world.get(instance)).toBeDefined();
  });

  test("gets all of its template also where that is too large to be held", async () => {
    for (const one of [aLarge(), aLarge({ finalizers: [finalizers.machine] })]) {
      const world = await aWorld(one);
      await world.machine(run);
      expect(world.get(instance)?.spec.volumes).toEqual(one.spec.template.spec.volumes);
    }
  });
});

describe("a machine that changes while it starts", () => {
  test("is not held, and gets its instance at the next look", async () => {
    const world = await aWorld(machine);
    await expect(world.machine(run, { meanwhile: label(world) })).rejects.toMatchObject({ isConflict: true });
    expect(world.get(instance)).toBeUndefined();
    await world.machine(run);
    expect(world.get(instance)).toBeDefined();
  });

  test("and is too large to be held in memory gets no instance of an older template", async () => {
    const world = await aWorld(aLarge({ finalizers: [finalizers.machine] }));
    const meanwhile = (): void =>
      world.change(machine, { spec: { template: { spec: { domain: { memory: { guest: "96Mi" } } } } } });
    expect(await world.machine(run, { meanwhile })).toBe("done");
    expect(world.get(instance)).toBeUndefined();
    expect(world.told).toEqual([]);
    await world.machine(run);
    expect(world.get(instance)?.spec.domain.memory?.guest).toBe("96Mi");
  });

  test("to its end gets no instance", async () => {
    for (const one of [machine, aLarge({ finalizers: [finalizers.machine] })]) {
      const world = await aWorld(one);
      const look = world.machine(run, { meanwhile: () => world.remove(machine) });
      await expect(look).rejects.toMatchObject({ isNotFound: true });
      expect(world.get(instance)).toBeUndefined();
    }
  });
});

test("an instance of its name that has come meanwhile is left alone, and whose it is the next look sees", async () => {
  const world = await aWorld(held);
  const stranger = itsInstance({ metadata: { ownerReferences: [] } });
  expect(await world.machine(run, { meanwhile: () => world.put(stranger) })).toBe("done");
  expect(world.get(instance)?.metadata.uid).toBe(stranger.metadata.uid);
  expect(world.told).toEqual([]);
  expect(world.get(machine)?.status).toBeUndefined();
});

describe("a machine whose instance the API server refuses", () => {
  const refusal = "virtualmachineinstances is forbidden: exceeded quota: small";

  test("is told why and tried again, and that is over once it has its instance", async () => {
    const world = await aWorld(machine);
    world.api.refuse("POST virtualmachineinstances", 403, refusal);
    await expect(world.machine(run)).rejects.not.toBeInstanceOf(TerminalError);
    expect(failureOf(world)).toMatchObject({ status: "True", reason: "FailedCreate", message: refusal });
    expect(world.told).toEqual([
      `VirtualMachine Warning FailedCreate: Error creating virtual machine instance: ${refusal}`,
    ]);
    expect(world.unseen).toEqual([]);
    await world.machine(run);
    expect(world.get(instance)).toBeDefined();
    await world.machine(run, { knownFor: 2000 });
    expect(failureOf(world)).toBeUndefined();
  });

  test("has its status written once, however often it is refused", async () => {
    const world = await aWorld(held);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      world.api.refuse("POST virtualmachineinstances", 403, refusal);
      await expect(world.machine(run)).rejects.toThrow("creating the instance");
    }
    expect(world.changed).not.toContainEqual(expect.stringMatching(/virtualmachines/));
  });

  test("is not tried again where no repetition mends it", async () => {
    const world = await aWorld(held);
    world.api.refuse("POST virtualmachineinstances", 422, "spec.domain: invalid");
    await expect(world.machine(run)).rejects.toBeInstanceOf(TerminalError);
    expect(failureOf(world)).toMatchObject({ reason: "FailedCreate", message: "spec.domain: invalid" });
  });

  test.for([404, 409, 429, 500])("with the code %d is told nothing: that is no news for its author", async (code) => {
    const world = await aWorld(held, aRevision());
    world.api.refuse("POST virtualmachineinstances", code, "not now");
    await expect(world.machine(run)).rejects.toMatchObject({ code });
    expect(world.changed).toEqual([]);
  });

  test("and that has changed meanwhile is told at the next attempt", async () => {
    const world = await aWorld(held);
    world.api.refuse("POST virtualmachineinstances", 403, refusal);
    await expect(world.machine(run, { meanwhile: label(world) })).rejects.toMatchObject({ isConflict: true });
    expect(failureOf(world)).toBeUndefined();
  });
});
