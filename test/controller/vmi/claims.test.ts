import { describe, expect, test } from "vitest";
import type { Claim } from "../../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import { handOver } from "../../../controller/vmi/hand-over.ts";
import { keepPlaceholder } from "../../../controller/vmi/keep-placeholder.ts";
import { reportProgress } from "../../../controller/vmi/report-progress.ts";
import { aClaim, anInstance, aPod, handedOver } from "../builders.ts";
import { aWorld, type World } from "../stage.ts";

const volumes = [
  { name: "root", persistentVolumeClaim: { claimName: "disk" } },
  { name: "more", persistentVolumeClaim: { claimName: "data" } },
];
const instance = anInstance({ spec: { volumes } });
const pod = aPod(instance);
const synchronized = (world: World) => conditionOf(world.get(instance)?.status?.conditions, "Synchronized");

describe("an instance whose claim is missing", () => {
  test("gets no pod, and is told which claim", async () => {
    const world = await aWorld(instance, aClaim("disk"));
    expect(await world.instance(keepPlaceholder)).toBe("done");
    expect(world.get(pod)).toBeUndefined();
    const message = "PersistentVolumeClaim default/data is not there";
    expect(world.get(instance)?.status).toMatchObject({
      phase: "Pending",
      conditions: [
        { type: "Synchronized", status: "False", reason: "FailedPvcNotFound", message },
        { type: "Ready", status: "False", reason: "FailedPvcNotFound", message },
      ],
    });
    expect(world.unseen).toEqual([]);
  });

  test("is told once", async () => {
    const world = await aWorld(instance);
    await world.instance(keepPlaceholder);
    await world.instance(keepPlaceholder);
    expect(world.changed).toEqual([]);
  });

  test("is told of the next one when the first has come, and gets its pod when all are there", async () => {
    const world = await aWorld(instance);
    await world.instance(keepPlaceholder);
    expect(synchronized(world)?.message).toMatch(/default\/disk is not there/);
    world.put(aClaim("disk"));
    await world.instance(keepPlaceholder);
    expect(synchronized(world)?.message).toMatch(/default\/data is not there/);
    world.put(aClaim("data", "Pending"));
    await world.instance(keepPlaceholder);
    expect(world.get(pod)?.spec?.volumes?.map(({ name }) => name)).toEqual(["root", "more"]);
  });

  test("is not helped by a claim of that name in another namespace", async () => {
    const elsewhere = aClaim("data");
    const world = await aWorld(instance, aClaim("disk"), {
      ...elsewhere,
      metadata: { ...elsewhere.metadata, namespace: "other" },
    });
    await world.instance(keepPlaceholder);
    expect(world.get(pod)).toBeUndefined();
  });

  test("and that has changed meanwhile is told at the next look", async () => {
    const world = await aWorld(instance);
    const meanwhile = (): void => world.change(instance, { metadata: { labels: { a: "b" } } });
    await expect(world.instance(keepPlaceholder, { meanwhile })).rejects.toMatchObject({ isConflict: true });
    expect(world.get(instance)?.status).toBeUndefined();
  });
});

test("a claim of blocks is a device of the pod, and one of files a folder", async () => {
  const blocks: Claim = { ...aClaim("data"), spec: { ...aClaim("data").spec, volumeMode: "Block" } };
  const world = await aWorld(instance, aClaim("disk"), blocks);
  await world.instance(keepPlaceholder);
  const [container] = world.get(pod)?.spec?.containers ?? [];
  expect(container?.volumeMounts?.map(({ name }) => name)).toEqual(["root"]);
  expect(container?.volumeDevices?.map(({ name }) => name)).toEqual(["more"]);
});

test("while its pod waits for a node an instance is told which of its claims are bound", async () => {
  const recorded = anInstance({ metadata: { annotations: handedOver().annotations! }, spec: { volumes } });
  const world = await aWorld(recorded, pod, aClaim("disk"), aClaim("data", "Pending"));
  await world.instance(reportProgress, { knownFor: 1000 });
  const volumeStatus = world.get(instance)?.status?.volumeStatus;
  expect(volumeStatus).toEqual([
    {
      name: "root",
      target: "",
      phase: "Bound",
      persistentVolumeClaimInfo: {
        claimName: "disk",
        accessModes: ["ReadWriteOnce"],
        volumeMode: "Filesystem",
        requests: { storage: "1Gi" },
        capacity: { storage: "1Gi" },
      },
    },
    expect.objectContaining({ name: "more", phase: "Pending" }),
  ]);
});

describe("an instance that is handed over", () => {
  const placed: VirtualMachineInstance = anInstance({ metadata: handedOver(), spec: { volumes } });
  const bound = aPod(placed, { nodeName: "node-1", status: { phase: "Pending" } });

  test("has all its claims told as bound, also those of which the cache does not know it yet", async () => {
    const world = await aWorld(placed, bound, aClaim("disk"), aClaim("data", "Pending"));
    await world.instance(handOver, { meanwhile: () => world.put(aClaim("data")) });
    expect(world.get(placed)?.status?.volumeStatus).toMatchObject([
      { name: "root", phase: "Bound", persistentVolumeClaimInfo: { capacity: { storage: "1Gi" } } },
      { name: "more", phase: "Bound", persistentVolumeClaimInfo: { capacity: { storage: "1Gi" } } },
    ]);
  });

  test("keeps what is told of its other volumes, and where its disks are", async () => {
    const told = [
      { name: "init", target: "vdc", phase: "Ready" },
      { name: "root", target: "vda", phase: "Pending" },
    ] as const;
    const before = anInstance({
      metadata: handedOver(),
      spec: { volumes },
      status: { phase: "Scheduling", volumeStatus: [...told] },
    });
    const world = await aWorld(before, bound, aClaim("disk"), aClaim("data"));
    await world.instance(handOver);
    expect(world.get(placed)?.status?.volumeStatus).toMatchObject([
      told[0],
      { name: "root", target: "vda", phase: "Bound" },
      { name: "more", target: "", phase: "Bound" },
    ]);
  });

  test("whose claim is gone is not told of as if it were bound", async () => {
    const world = await aWorld(placed, bound, aClaim("disk"));
    await expect(world.instance(handOver)).rejects.toMatchObject({ isNotFound: true });
    expect(world.get(placed)?.status).toBeUndefined();
  });
});
