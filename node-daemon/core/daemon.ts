import { labels, placeholderApp } from "../../api/contract/labels.ts";
import { placeholderIn, recordedPlaceholder } from "../../api/contract/placeholder.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { Controller, type ControllerMetrics } from "../../api/kube/controller/controller.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import { itself, mapped, ownerKey } from "../../api/kube/controller/source.ts";
import type { Log } from "../../api/kube/log.ts";
import { type Pod, pods } from "../../api/kube/resources/core-resources.ts";
import type { ObjectMeta } from "../../api/kube/resources/object.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";
import { withSpecDefaults } from "../../api/spec-defaults.ts";
import type { InstanceApi } from "../drivers/instance-api.ts";
import type { HostFacts } from "../instance/host.ts";
import type { InstanceIdentity } from "../instance/identity.ts";
import type { Drivers } from "../steps/context.ts";
import { cachedInstance } from "./cached-instance.ts";
import { findInstances } from "./find-instances.ts";
import { KnownInstances, keyOfIdentity } from "./known-instances.ts";
import type { LocalInstances } from "./local-instances.ts";
import { Reconciler } from "./reconcile.ts";

export interface DaemonOptions {
  readonly nodeName: string;
  readonly client: KubeClient;
  readonly drivers: Drivers;
  readonly api: InstanceApi;
  readonly host: HostFacts;
  readonly stateFolder: string;
  readonly localInstances: LocalInstances;
  /** Whether an error, or one that it came from, means that libvirt or the API server was out of reach. */
  readonly isUnreachable: (error: unknown) => boolean;
  readonly log: Log;
  readonly metrics?: ControllerMetrics;
  /** Milliseconds between two looks at everything. */
  readonly resyncEvery?: number;
}

/** Instances that are started at once; libvirt's and the kubelet's own limits come before it. */
const concurrency = 16;

/** Milliseconds between looks for placeholders that the kubelet ends. */
const lookForEndsEvery = 2000;

/** The daemon's core: keeps the instances of one node as they are desired. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #known = new KnownInstances();
  readonly #instances: Reflector<VirtualMachineInstance>;
  readonly #pods: Reflector<Pod>;
  #controller: Controller | undefined;
  #isSynced = false;

  constructor(options: DaemonOptions) {
    const { client, nodeName, log } = options;
    this.#options = options;
    this.#instances = new Reflector(client, instances, {
      labelSelector: `${labels.nodeName}=${nodeName}`,
      transform: cachedInstance,
      log,
    });
    this.#pods = new Reflector(client, pods, {
      labelSelector: `${labels.app}=${placeholderApp}`,
      fieldSelector: `spec.nodeName=${nodeName}`,
      log,
    });
    Promise.all([this.#instances.synced, this.#pods.synced]).then(
      () => (this.#isSynced = true),
      // It ends before that.
      () => {},
    );
  }

  /** Whether it knows what the API server has for this node. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** What keeps it from hearing of changes; `undefined` as long as nothing does. */
  get trouble(): unknown {
    return this.#instances.trouble ?? this.#pods.trouble;
  }

  /** Milliseconds for which instances wait while no reconcile comes to an end; 0 while there is room for more. */
  get stuckFor(): number {
    return this.#controller?.stuckFor ?? 0;
  }

  /** Has an instance looked at again, after what no event tells of. */
  lookAt(key: string): void {
    this.#controller?.enqueue(key);
  }

  /** An instance of this node, with all that its author left open, which in lists the API server has not written out. */
  instance(key: string): VirtualMachineInstance | undefined {
    const found = this.#instances.store.get(key);
    return found && { ...found, spec: withSpecDefaults(found.metadata, found.spec) };
  }

  /** The metadata of an instance; of one that the API server no longer has, its identity. */
  #metadataOf(identity: InstanceIdentity): ObjectMeta {
    const found = this.#instances.store.get(keyOfIdentity(identity))?.metadata;
    return found?.uid === identity.uid ? found : { ...identity };
  }

  /** Runs until the signal is aborted; the machines go on. */
  async run(signal: AbortSignal): Promise<void> {
    const { drivers, log, metrics, resyncEvery = 300_000 } = this.#options;
    const byKey = this.#pods.store.index((pod) => keysOf(pod));
    const reconciler = new Reconciler({
      ...this.#options,
      instance: (key) => this.instance(key),
      podOf: (identity) => placeholderIn(this.#pods.store, this.#metadataOf(identity)),
      recordedPodOf: (identity) => recordedPlaceholder(this.#metadataOf(identity)),
      podsOfKey: (key) => byKey.get(key),
      known: this.#known,
      enqueue: (key) => controller.enqueue(key),
      signal,
    });
    const controller: Controller = new Controller({
      name: "instances",
      reconcile: (key) => reconciler.reconcile(key),
      sources: [itself(this.#instances), mapped(this.#pods, keysOf)],
      concurrency,
      backoff: { base: 250, max: 60_000 },
      log,
      ...(metrics ? { metrics } : {}),
    });
    this.#controller = controller;
    const look = (): Promise<void> => findInstances({ ...this.#options, known: this.#known });
    const resync = async (): Promise<void> => {
      await look();
      for (const key of [...this.#known.keys(), ...this.#instances.store.keys()]) controller.enqueue(key);
    };
    await drivers.hypervisor.watch(
      {
        changed: ({ domain }) => controller.enqueue(domain.replace("_", "/")),
        everything: () => void resync().catch((error: unknown) => log("warn", "looking around failed", { error })),
      },
      signal,
    );
    await look();
    for (const key of this.#known.keys()) controller.enqueue(key);
    await Promise.all([
      this.#instances.run(signal),
      this.#pods.run(signal),
      controller.run(signal),
      this.#resyncEvery(resyncEvery, resync, signal),
      this.#lookForEnds((pod) => keysOf(pod).forEach((key) => controller.enqueue(key)), signal),
    ]);
  }

  /** Tells of each placeholder that the kubelet begins to end: of that the API server says nothing. */
  async #lookForEnds(tell: (pod: Pod) => void, signal: AbortSignal): Promise<void> {
    const byUid = this.#pods.store.index((pod) => [pod.metadata?.uid ?? ""]);
    let known: readonly string[] = [];
    for (;;) {
      await sleep(lookForEndsEvery, signal).catch(() => {});
      if (signal.aborted) return;
      const asked = await this.#options.drivers.pods.askedToEnd();
      for (const uid of asked.filter((one) => !known.includes(one))) byUid.get(uid).forEach(tell);
      known = asked;
    }
  }

  async #resyncEvery(interval: number, resync: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      // Not all nodes at once.
      await sleep(interval * (0.9 + Math.random() * 0.2), signal).catch(() => {});
      if (signal.aborted) return;
      await resync().catch((error: unknown) => this.#options.log("warn", "looking around failed", { error }));
    }
  }
}

function keysOf(pod: Pod): string[] {
  const key = ownerKey(pod, instances);
  return key === undefined ? [] : [key];
}
