import { describe, expect, test } from "vitest";
import { labels } from "../../../api/contract/labels.ts";
import { adopt } from "../../../controller/vm/adopt.ts";
import { aMachine, controller, itsInstance } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld } from "../stage.ts";

/** An instance of a machine that was deleted without it. */
const orphan = itsInstance({ metadata: { ownerReferences: [] } });

test("an instance that was made for a machine of this name, and that nobody controls, is the machine's again", async () => {
  const world = await aWorld(aMachine(), orphan);
  expect(await world.machine(adopt)).toBe("done");
  expect(world.get(orphan)?.metadata.ownerReferences).toEqual([controller]);
  expect(world.unseen).toEqual([]);
  expect(await world.machine(adopt)).toBeUndefined();
  expect(world.changed).toEqual([]);
});

test("an instance keeps the owners that do not control it", async () => {
  const backup = { apiVersion: "example.com/v1", kind: "Backup", name: "b", uid: "b-1" };
  const world = await aWorld(aMachine(), itsInstance({ metadata: { ownerReferences: [backup] } }));
  await world.machine(adopt);
  expect(world.get(orphan)?.metadata.ownerReferences).toEqual([backup, controller]);
});

test("an instance that the machine owns and does not control is adopted, too", async () => {
  const world = await aWorld(
    aMachine(),
    itsInstance({ metadata: { ownerReferences: [{ ...controller, controller: false }] } }),
  );
  expect(await world.machine(adopt)).toBe("done");
  expect(world.get(orphan)?.metadata.ownerReferences).toContainEqual(controller);
});

describe("not taken is an instance", () => {
  test.for([
    ["that another one controls", { ownerReferences: [{ ...controller, uid: "m-0" }] }],
    ["that was made by itself", { ownerReferences: [], labels: {} }],
    ["that was made for another machine", { ownerReferences: [], labels: { [labels.machineName]: "other" } }],
    ["that is on its way out", { ownerReferences: [], deletionTimestamp: apiTime }],
  ] as const)("%s", async ([, metadata]) => {
    const world = await aWorld(aMachine(), itsInstance({ metadata: structuredClone(metadata) as object }));
    expect(await world.machine(adopt)).toBeUndefined();
    expect(world.changed).toEqual([]);
  });

  test("by a machine that is on its way out", async () => {
    const world = await aWorld(aMachine({ metadata: { deletionTimestamp: apiTime } }), orphan);
    expect(await world.machine(adopt)).toBeUndefined();
    expect(world.changed).toEqual([]);
  });

  test("that is not there", async () => {
    const world = await aWorld(aMachine());
    expect(await world.machine(adopt)).toBeUndefined();
    expect(world.changed).toEqual([]);
  });
});

test("an instance that another one has taken meanwhile is that one's", async () => {
  const world = await aWorld(aMachine(), orphan);
  const other = { ...controller, uid: "m-2" };
  const meanwhile = (): void => world.change(orphan, { metadata: { ownerReferences: [other] } });
  await expect(world.machine(adopt, { meanwhile })).rejects.toMatchObject({ isConflict: true });
  expect(world.get(orphan)?.metadata.ownerReferences).toEqual([other]);
  expect(await world.machine(adopt)).toBeUndefined();
});

test("an instance that is gone meanwhile is not made anew", async () => {
  const world = await aWorld(aMachine(), orphan);
  const look = world.machine(adopt, { meanwhile: () => world.remove(orphan) });
  await expect(look).rejects.toMatchObject({ isNotFound: true });
  expect(world.get(orphan)).toBeUndefined();
});
