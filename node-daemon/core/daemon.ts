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
  /** Milliseconds between two full resyncs. */
  readonly resyncEvery?: number;
}

/** Instances that the daemon starts at the same time. The limits of libvirt and the kubelet are lower. */
const concurrency = 16;

/** Milliseconds between checks for placeholders that the kubelet is ending. */
const lookForEndsEvery = 2000;

/** The daemon's core: brings the instances of one node to their desired state and keeps them there. */
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
      // The daemon stops before the caches are synced.
      () => {},
    );
  }

  /** Whether the caches have the API server's objects of this node. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** The error that keeps the watches from getting changes; `undefined` while there is none. */
  get trouble(): unknown {
    return this.#instances.trouble ?? this.#pods.trouble;
  }

  /** Milliseconds for which instances have been waiting while no reconcile finishes; 0 while there is room for more. */
  get stuckFor(): number {
    return this.#controller?.stuckFor ?? 0;
  }

  /** Has an instance reconciled again, after a change that no event reports. */
  lookAt(key: string): void {
    this.#controller?.enqueue(key);
  }

  /** An instance of this node with all defaults filled in; the API server leaves them out in lists. */
  instance(key: string): VirtualMachineInstance | undefined {
    const found = this.#instances.store.get(key);
    return found && { ...found, spec: withSpecDefaults(found.metadata, found.spec) };
  }

  /** The metadata of an instance, or its identity if the API server no longer has the instance. */
  #metadataOf(identity: InstanceIdentity): ObjectMeta {
    const found = this.#instances.store.get(keyOfIdentity(identity))?.metadata;
    return found?.uid === identity.uid ? found : { ...identity };
  }

  /** Runs until the signal is aborted. The machines keep running. */
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

  /** Reports each placeholder that the kubelet begins to end, because the API server does not report it. */
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
      // The random part keeps the nodes from resyncing all at once.
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
