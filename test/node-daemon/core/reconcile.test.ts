import { expect, test } from "vitest";
import { isOfInstance } from "../../../api/contract/placeholder.ts";
import { ApiError } from "../../../api/kube/client/errors.ts";
import { controlledBy } from "../../../api/kube/controller/source.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import { instances, type VirtualMachineInstance } from "../../../api/resources.ts";
import type { InstanceStatus } from "../../../api/schema/instance-status.ts";
import { isUnreachable } from "../../../node-daemon/adapters/kube/unreachable.ts";
import { KnownInstances } from "../../../node-daemon/core/known-instances.ts";
import { LocalInstances } from "../../../node-daemon/core/local-instances.ts";
import { Reconciler } from "../../../node-daemon/core/reconcile.ts";
import type { DomainObservation } from "../../../node-daemon/drivers/hypervisor.ts";
import type { InstanceApi } from "../../../node-daemon/drivers/instance-api.ts";
import type { StopNote, StorageObservation } from "../../../node-daemon/drivers/storage.ts";
import type { Drivers } from "../../../node-daemon/steps/context.ts";
import { anInstance } from "../an-instance.ts";

const key = "default/db";
const image = { name: "root", containerDisk: { image: "localhost/tiny" } };
const instance = anInstance({ spec: { volumes: [image] } });
const uid = instance.metadata.uid ?? "";
const deleted = { deletionTimestamp: new Date().toISOString() };

const aPod = (podUid: string, metadata: object = {}): Pod => ({
  metadata: { uid: podUid, namespace: "default", ownerReferences: [controlledBy(instance, instances)], ...metadata },
  status: { phase: "Pending" },
});

/** A port on which nothing is there and all is done at once, but for what is given. */
function aPort<T extends object>(methods: Partial<T>): T {
  return new Proxy(methods, { get: (given, name) => Reflect.get(given, name) ?? (async () => undefined) }) as T;
}

interface Parts {
  readonly storage?: Partial<Drivers["storage"]>;
  readonly hypervisor?: Partial<Drivers["hypervisor"]>;
  readonly patchStatus?: InstanceApi["patchStatus"];
  readonly clock?: Drivers["clock"];
  readonly record?: InstanceApi["record"];
}

/** A clock that stands still. */
const still: Drivers["clock"] = { now: () => new Date(), sinceBoot: () => 0, boot: "boot-1" };

/** A node without anything of an instance but what is given, and what the API server has for it. */
function aNode(parts: Parts = {}) {
  const { storage, hypervisor, patchStatus = async () => {}, clock = still, record = () => {} } = parts;
  const waits = new Map<string, AbortSignal>();
  const known = new KnownInstances();
  const world = { instance: instance as VirtualMachineInstance | undefined, pods: [aPod("pod-1")] };
  const reconciler = new Reconciler({
    nodeName: "node-1",
    drivers: {
      hypervisor: aPort<Drivers["hypervisor"]>({ ...hypervisor }),
      storage: aPort<Drivers["storage"]>({ hasRoom: async () => true, ...storage }),
      network: aPort<Drivers["network"]>({
        observe: async () => ({ onNode: [], inPod: [], dhcp: false, addresses: [] }),
      }),
      pods: aPort<Drivers["pods"]>({ await: (podUid, _, signal) => void waits.set(podUid, signal) }),
      fence: aPort<Drivers["fence"]>({}),
      consoles: aPort<Drivers["consoles"]>({}),
      clock,
    },
    api: { exists: async () => false, placeholder: async () => undefined, patchStatus, record },
    host: { virtType: "kvm", arch: "x86_64", mtu: undefined, uefi: undefined },
    stateFolder: "/state",
    instance: () => world.instance,
    podOf: (identity) => world.pods.find((pod) => isOfInstance(pod, identity)),
    recordedPodOf: () => world.pods[0]?.metadata?.uid,
    podsOfKey: () => world.pods,
    known,
    localInstances: new LocalInstances(),
    isUnreachable,
    enqueue: () => {},
    log: () => {},
    signal: new AbortController().signal,
  });
  /** The pods whose containers are waited for once the instance has been attended to. */
  const waitsAfter = async (change: Partial<typeof world> = {}): Promise<string[]> => {
    Object.assign(world, change);
    await reconciler.reconcile(key);
    return [...waits].flatMap(([podUid, { aborted }]) => (aborted ? [] : [podUid]));
  };
  return { reconciler, known, waitsAfter };
}

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

/** A guest that runs on the node. */
const running: Parts = {
  storage: { observe: async () => aStorage({ started: true }) },
  hypervisor: { observe: async () => aDomain },
};
const aDomain: DomainObservation = {
  identity: { namespace: "default", name: "db", uid },
  state: "running",
  reason: "BOOTED",
  agent: false,
  diskErrors: [],
  machine: "pc-q35-7.2",
};
function aStorage(parts: Partial<StorageObservation>): StorageObservation {
  return {
    user: 2_100_000_000,
    started: false,
    stopping: undefined,
    ended: undefined,
    frozen: undefined,
    disks: new Map(),
    bases: new Map(),
    claims: new Map(),
    isos: new Set(),
    links: undefined,
    variables: false,
    kernel: false,
    ephemeral: false,
    empty: false,
    ...parts,
  };
}

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

/** A node with a guest that does not listen, its instance deleted just now; how its clocks go is up to the test. */
function aStoppingNode({ aheadBy = 0, isFull = false }: { aheadBy?: number; isFull?: boolean } = {}) {
  const at = { now: 1_000_000, boot: "boot-1", stopping: undefined as StopNote | undefined, done: [] as string[] };
  const start = () => {
    const node = aNode({
      storage: {
        observe: async () => aStorage({ started: true, stopping: at.stopping }),
        noteStop: async (_, note) => {
          if (isFull) throw new Error("ENOSPC: no space left on device, write");
          at.stopping = note;
        },
      },
      hypervisor: {
        observe: async () => aDomain,
        shutdown: async () => void at.done.push("shutdown"),
        destroy: async () => void at.done.push("destroy"),
      },
      clock: { now: () => new Date(Date.now() + aheadBy), sinceBoot: () => at.now, boot: at.boot },
    });
    const metadata = { ...instance.metadata, ...deleted };
    const spec = { ...instance.spec, terminationGracePeriodSeconds: 30 };
    /** What is done to the guest when it is looked at so many milliseconds later. */
    return async (later = 0): Promise<string[]> => {
      at.now += later;
      at.done = [];
      await node.waitsAfter({ instance: { ...instance, metadata, spec } });
      return [...new Set(at.done)];
    };
  };
  return { at, start };
}

test.for([-600_000, 0, 600_000])(
  "a guest has its grace period on a node whose clock is ahead of the API server's by %d ms",
  async (aheadBy) => {
    const look = aStoppingNode({ aheadBy }).start();
    expect(await look()).toEqual(["shutdown"]);
    expect(await look(29_999)).toEqual(["shutdown"]);
    expect(await look(1)).toEqual(["destroy"]);
  },
);

test("a guest has one grace period however often the daemon is started anew", async () => {
  const node = aStoppingNode();
  expect(await node.start()()).toEqual(["shutdown"]);
  expect(await node.start()(29_999)).toEqual(["shutdown"]);
  expect(await node.start()(1)).toEqual(["destroy"]);
});

test("what was noted of a grace period before the node started anew says nothing of it", async () => {
  const node = aStoppingNode();
  expect(await node.start()()).toEqual(["shutdown"]);
  Object.assign(node.at, { now: 5000, boot: "boot-2" });
  const look = node.start();
  expect(await look()).toEqual(["shutdown"]);
  expect(node.at.stopping).toEqual({ boot: "boot-2", since: 5000 });
  expect(await look(30_000)).toEqual(["destroy"]);
});

test("a grace period ends on a node whose disk is full", async () => {
  const look = aStoppingNode({ isFull: true }).start();
  expect(await look()).toEqual(["shutdown"]);
  expect(await look(30_000)).toEqual(["destroy"]);
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
