import { isOfInstance } from "../../../api/contract/placeholder.ts";
import { controlledBy } from "../../../api/kube/controller/source.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import { instances, type VirtualMachineInstance } from "../../../api/resources.ts";
import { isUnreachable } from "../../../node-daemon/adapters/kube/unreachable.ts";
import { KnownInstances } from "../../../node-daemon/core/known-instances.ts";
import { LocalInstances } from "../../../node-daemon/core/local-instances.ts";
import { Reconciler } from "../../../node-daemon/core/reconcile.ts";
import type { DomainObservation } from "../../../node-daemon/drivers/hypervisor.ts";
import type { InstanceApi } from "../../../node-daemon/drivers/instance-api.ts";
import type { StorageObservation } from "../../../node-daemon/drivers/storage.ts";
import type { Drivers } from "../../../node-daemon/steps/context.ts";
import { anInstance } from "../an-instance.ts";

export const key = "default/db";
export const image = { name: "root", containerDisk: { image: "localhost/tiny" } };
export const instance = anInstance({ spec: { volumes: [image] } });
export const uid = instance.metadata.uid ?? "";
export const deleted = { deletionTimestamp: new Date().toISOString() };

export const aPod = (podUid: string, metadata: object = {}): Pod => ({
  metadata: { uid: podUid, namespace: "default", ownerReferences: [controlledBy(instance, instances)], ...metadata },
  status: { phase: "Pending" },
});

/** A driver on which nothing is there and all is done at once, but for what is given. */
export function aDriver<T extends object>(methods: Partial<T>): T {
  return new Proxy(methods, { get: (given, name) => Reflect.get(given, name) ?? (async () => undefined) }) as T;
}

export interface Parts {
  readonly storage?: Partial<Drivers["storage"]>;
  readonly notes?: Partial<Drivers["notes"]>;
  readonly hypervisor?: Partial<Drivers["hypervisor"]>;
  readonly patchStatus?: InstanceApi["patchStatus"];
  readonly clock?: Drivers["clock"];
  readonly record?: InstanceApi["record"];
}

/** A clock that stands still. */
export const still: Drivers["clock"] = { now: () => new Date(), sinceBoot: () => 0, boot: "boot-1" };

/** A node without anything of an instance but what is given, and what the API server has for it. */
export function aNode(parts: Parts = {}) {
  const { storage, notes, hypervisor, patchStatus = async () => {}, clock = still, record = () => {} } = parts;
  const waits = new Map<string, AbortSignal>();
  const known = new KnownInstances();
  const world = { instance: instance as VirtualMachineInstance | undefined, pods: [aPod("pod-1")] };
  const reconciler = new Reconciler({
    nodeName: "node-1",
    drivers: {
      hypervisor: aDriver<Drivers["hypervisor"]>({ ...hypervisor }),
      storage: aDriver<Drivers["storage"]>({ ...storage }),
      disks: aDriver<Drivers["disks"]>({ hasRoom: async () => true }),
      notes: aDriver<Drivers["notes"]>({ ...notes }),
      network: aDriver<Drivers["network"]>({
        observe: async () => ({ onNode: [], inPod: [], dhcp: false, addresses: [] }),
      }),
      pods: aDriver<Drivers["pods"]>({ await: (podUid, _, signal) => void waits.set(podUid, signal) }),
      isolation: aDriver<Drivers["isolation"]>({}),
      consoles: aDriver<Drivers["consoles"]>({}),
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

/** A guest that runs on the node. */
export const running: Parts = {
  storage: { observe: async () => aStorage({ started: true }) },
  hypervisor: { observe: async () => aDomain },
};
export const aDomain: DomainObservation = {
  identity: { namespace: "default", name: "db", uid },
  state: "running",
  reason: "BOOTED",
  agent: false,
  diskErrors: [],
  machine: "pc-q35-7.2",
};
export function aStorage(parts: Partial<StorageObservation>): StorageObservation {
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
