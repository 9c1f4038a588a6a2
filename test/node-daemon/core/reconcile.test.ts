import { expect, test } from "vitest";
import { ApiError } from "../../../api/kube/client/errors.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { InstanceStatus } from "../../../api/schema/instance-status.ts";
import type { DomainObservation } from "../../../node-daemon/drivers/hypervisor.ts";
import type { StorageObservation } from "../../../node-daemon/drivers/storage.ts";
import { aDomain, aNode, aPod, aStorage, deleted, instance, key, running, uid } from "./a-node.ts";

test("the container of a placeholder is waited for, and no longer when the instance is gone before it came", async () => {
  const { waitsAfter } = aNode();
  expect(await waitsAfter()).toEqual(["pod-1"]);
  expect(await waitsAfter()).toEqual(["pod-1"]);
  expect(await waitsAfter({ instance: undefined })).toEqual([]);
});

test("nobody waits for the container of an instance that is deleted", async () => {
  const { waitsAfter } = aNode();
  expect(await waitsAfter()).toEqual(["pod-1"]);
  const metadata = { ...instance.metadata, ...deleted };
  expect(await waitsAfter({ instance: { ...instance, metadata } })).toEqual([]);
});

test("where another placeholder has taken the place of one, only the other's container is waited for", async () => {
  const { waitsAfter } = aNode();
  expect(await waitsAfter()).toEqual(["pod-1"]);
  expect(await waitsAfter({ pods: [aPod("pod-2")] })).toEqual(["pod-2"]);
});

test("the container of a deleted placeholder that nobody owns is waited for as long as the pod is there", async () => {
  const { waitsAfter } = aNode();
  const strays = [aPod("pod-1", deleted), aPod("pod-2", deleted)];
  expect(await waitsAfter({ instance: undefined, pods: strays })).toEqual(["pod-1", "pod-2"]);
  expect(await waitsAfter({ pods: strays.slice(1) })).toEqual(["pod-2"]);
  expect(await waitsAfter({ pods: [] })).toEqual([]);
});

test("that there is no domain any more is told once, as Deleted", async () => {
  const told: string[] = [];
  const left = { domain: { ...aDomain, state: "off", reason: "SHUTDOWN" } as DomainObservation | undefined };
  const { reconciler } = aNode({
    storage: { observe: async () => aStorage({ started: true }) },
    hypervisor: { observe: async () => left.domain, undefine: async () => void (left.domain = undefined) },
    record: (_, { type, reason }) => void told.push(`${type} ${reason}`),
  });
  await reconciler.reconcile(key);
  await reconciler.reconcile(key);
  expect(told.filter((event) => event.endsWith("Deleted"))).toEqual(["Normal Deleted"]);
});

test("that the API server refuses a status is told, and no sign that it is out of reach", async () => {
  const told: Partial<InstanceStatus>[] = [];
  const { reconciler } = aNode({
    ...running,
    patchStatus: async (_, changes) => {
      if (changes.phase) throw new ApiError(422, { message: "status.interfaces: Too many: 300" });
      told.push(changes);
    },
  });
  await expect(reconciler.reconcile(key)).rejects.toThrow("Too many");
  expect(told).toMatchObject([
    { conditions: [{ type: "Synchronized", status: "False", message: "status.interfaces: Too many: 300" }] },
  ]);
});

test("an instance is told what it waits for when the last of its name cannot be removed", async () => {
  const told: Partial<InstanceStatus>[] = [];
  const removeDisks = async (): Promise<void> => Promise.reject(new Error("umount: target is busy"));
  const { reconciler, known } = aNode({
    storage: { observe: async () => aStorage({ ended: { phase: "Succeeded", message: "" } }), removeDisks },
    patchStatus: async (_, changes) => void told.push(changes),
  });
  known.add({ namespace: "default", name: "db", uid: "the-last" });
  await expect(reconciler.reconcile(key)).rejects.toThrow("cannot be removed");
  const message =
    "the remains of the previous instance of this name cannot be removed: remove-disks: umount: target is busy";
  expect(told).toMatchObject([{ conditions: [{ type: "Synchronized", status: "False", message }] }]);
});

/** A node where all that is done to a guest, or to what is kept of it, is written down. */
function aWatchedNode({
  observe,
  running: runs = true,
}: {
  observe?: Partial<StorageObservation>;
  running?: boolean;
} = {}) {
  const done: string[] = [];
  const told: unknown[] = [];
  const note = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, async () => void done.push(name)]));
  const storage = note(["makeFolder", "removeDisks", "removeFolder", "markEnded", "markStarted"]);
  const hypervisor = note(["define", "startPaused", "resume", "shutdown", "destroy", "undefine"]);
  const node = aNode({
    storage: { ...storage, observe: async () => observe && aStorage(observe) },
    hypervisor: { ...hypervisor, observe: async () => (runs ? aDomain : undefined) },
    patchStatus: async (_, { conditions }) => void told.push(...(conditions ?? [])),
  });
  return { ...node, done, told };
}

const scheduledInstance = { ...instance, status: { phase: "Scheduled" as const } };

test.for([{}, deleted])(
  "what a later release has started is left alone, also when its instance has %j",
  async (change) => {
    const { known, waitsAfter, done, told } = aWatchedNode({ observe: { started: true } });
    known.add(aDomain.identity);
    known.leaveAlone(new Map([[uid, new Error("a later release has started it")]]));
    await waitsAfter({ instance: { ...scheduledInstance, metadata: { ...instance.metadata, ...change } } });
    await waitsAfter({ instance: undefined });
    expect(done).toEqual([]);
    expect(told).toMatchObject([{ type: "Synchronized", status: "False", message: "a later release has started it" }]);
  },
);

const promising = (version: string): Pod =>
  aPod("pod-1", { annotations: { "kubevirt.io/placeholder-version": version } });

test.for(["2", "1.5", "unheard of"])(
  "nothing is started in a placeholder that promises version %s",
  async (version) => {
    const { waitsAfter, done, told } = aWatchedNode({ running: false });
    await waitsAfter({ instance: scheduledInstance, pods: [promising(version)] });
    expect(done).toEqual([]);
    const message = `a later release of the controller has made the placeholder pod (placeholder of version ${version}, this node daemon knows 1): it is left alone until the node daemon is upgraded`;
    expect(told).toMatchObject([{ type: "Synchronized", status: "False", message }]);
  },
);

test("an instance that is deleted before anything was made of it ends, whatever its placeholder promises", async () => {
  const { reconciler, waitsAfter, told } = aWatchedNode({ running: false });
  await waitsAfter({
    instance: { ...scheduledInstance, metadata: { ...instance.metadata, ...deleted } },
    pods: [promising("2")],
  });
  expect(await reconciler.reconcile(key)).toBe("done");
  expect(JSON.stringify(told)).not.toContain("later release");
});

test("a guest that this release has started is this daemon's, whatever is written on its placeholder since", async () => {
  const { waitsAfter, done } = aWatchedNode({ observe: { started: true } });
  const metadata = { ...instance.metadata, ...deleted };
  await waitsAfter({ instance: { ...scheduledInstance, metadata }, pods: [promising("99")] });
  expect(done).toContain("shutdown");
});
