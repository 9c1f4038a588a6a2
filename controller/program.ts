import { programs } from "../api/contract/constants.ts";
import { KubeClient } from "../api/kube/client/client.ts";
import type { Controller } from "../api/kube/controller/controller.ts";
import type { Credentials } from "../api/kube/credentials/credentials.ts";
import { EventRecorder } from "../api/kube/events.ts";
import { lead } from "../api/kube/leader/leader.ts";
import type { Log } from "../api/kube/log.ts";
import { instances, machines } from "../api/resources.ts";
import { apiErrorSentence } from "../api/values/error-words.ts";
import { ClusterCache } from "./cache/cluster-cache.ts";
import { expiryController } from "./expiry/controller.ts";
import { Health } from "./health.ts";
import { imageModeOf } from "./image-mode.ts";
import { kubevirtController } from "./kubevirt/controller.ts";
import { type StandAsideOptions, waitUntilNoKubevirt, watchForKubevirt } from "./kubevirt/stand-aside.ts";
import { leaseName } from "./lease-name.ts";
import { nodeController } from "./node/controller.ts";
import { NodeEvents } from "./node/events.ts";
import { nodeMetrics } from "./node/node-metrics.ts";
import { ProgramMetrics } from "./program-metrics.ts";
import { type Activity, runTogether } from "./run-together.ts";
import type { Settings } from "./settings.ts";
import { machineController } from "./vm/controller.ts";
import { MachineEvents } from "./vm/events.ts";
import { machineMetrics } from "./vm/machine-metrics.ts";
import { instanceController } from "./vmi/controller.ts";
import { InstanceEvents } from "./vmi/events.ts";
import { instanceMetrics } from "./vmi/instance-metrics.ts";

const component = programs.controller;

/** The Service of the aggregated API. */
const service = "virt-api";

/**
 * Milliseconds for which keys may wait while no reconcile ends. Each request has a time limit, so nothing waits this
 * long normally. After a restart the program reconciles everything again.
 */
const longestStandstill = 600_000;

/** The whole controller. Every replica watches, so that it can serve the API; the leader reconciles. */
export class Program {
  readonly client: KubeClient;
  readonly cache: ClusterCache;
  readonly health = new Health();
  readonly metrics = new ProgramMetrics();
  readonly #settings: Settings;
  readonly #log: Log;
  #controllers: readonly Controller[] = [];

  constructor(credentials: Credentials, settings: Settings, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.client = new KubeClient(credentials, {
      fieldManager: component,
      onRequest: (request) => this.metrics.requested(request),
      onWarning: (text) => log("warn", "the API server warns", { text }),
    });
    this.cache = new ClusterCache(this.client, log);
    machineMetrics(this.metrics.registry, this.cache.machines.store);
    instanceMetrics(this.metrics.registry, this.cache.instances.store);
    nodeMetrics(this.metrics.registry, this.cache.nodes.store);
    this.#watchItself();
  }

  /**
   * Runs until the signal is aborted, together with services that every replica has, such as the API. Then it ends
   * running work, writes waiting events and gives up leadership. Throws LeadershipLostError when another replica may
   * lead, and the errors of services: then the process must restart.
   */
  async run(signal: AbortSignal, services: readonly Activity[] = []): Promise<void> {
    const recorder = this.#recorder(signal);
    const aside = this.#aside(recorder);
    try {
      await waitUntilNoKubevirt(aside, signal);
      const activities: Activity[] = [
        (until) => this.cache.run(until),
        (until) => this.#lead(until),
        (until) => watchForKubevirt(aside, until),
        ...services,
      ];
      await runTogether(activities, signal);
    } catch (error) {
      // An abort before it began is no failure.
      if (!signal.aborted) throw error;
    } finally {
      await recorder.flush();
      this.client.close();
    }
  }

  #watchItself(): void {
    let isKnown = false;
    this.cache.synced().then(
      () => (isKnown = true),
      // Without the cache there is nothing to serve; `health` shows the reason.
      () => {},
    );
    this.health.addReadinessCheck("watches", () => {
      const { trouble } = this.cache;
      if (trouble !== undefined) return apiErrorSentence(trouble);
      return isKnown ? undefined : "the cluster is not known yet";
    });
    this.health.addLivenessCheck("reconcilers", () => {
      const stuck = this.#controllers.filter(({ stuckFor }) => stuckFor > longestStandstill);
      return stuck.length > 0 ? `${stuck.map(({ name }) => name).join(", ")} stuck` : undefined;
    });
  }

  #aside(recorder: EventRecorder): StandAsideOptions {
    const { client } = this;
    const { namespace, identity: pod, port } = this.#settings;
    return { client, recorder, own: { namespace, service }, pod, port, log: this.#log };
  }

  #recorder(signal: AbortSignal): EventRecorder {
    return new EventRecorder(this.client, { component, instance: this.#settings.identity, log: this.#log }, signal);
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { namespace, identity } = this.#settings;
    const lease = { namespace, name: leaseName, identity, log: this.#log };
    try {
      await lead(this.client, lease, (leading) => this.#reconcile(leading), signal);
    } finally {
      this.health.leads = false;
    }
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    const { client, cache, metrics } = this;
    const { namespace, silentAfter, concurrency } = this.#settings;
    const imageMode = this.#settings.containerDisks ?? (await imageModeOf(client, signal));
    const log = this.#log;
    const recorder = this.#recorder(signal);
    this.health.leads = true;
    const options = { client, cache, metrics, log, concurrency };
    this.#controllers = [
      machineController({ ...options, events: new MachineEvents(recorder) }),
      expiryController({
        ...options,
        name: "vm-expiry",
        watching: cache.machines,
        resource: machines,
        events: recorder,
      }),
      expiryController({
        ...options,
        name: "vmi-expiry",
        watching: cache.instances,
        resource: instances,
        events: recorder,
      }),
      instanceController({
        ...options,
        events: new InstanceEvents(recorder),
        settings: { ...this.#settings, imageMode },
      }),
      kubevirtController({ ...options, namespace }),
      nodeController({
        ...options,
        events: new NodeEvents(recorder),
        settings: { namespace, silentAfter: silentAfter * 1000 },
      }),
    ];
    const activities = this.#controllers.map((controller) => (until: AbortSignal) => controller.run(until));
    try {
      await runTogether(activities, signal);
    } finally {
      this.#controllers = [];
    }
    await recorder.flush();
  }
}
