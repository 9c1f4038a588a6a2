import { readdir, readFile } from "node:fs/promises";
import { labels } from "../../../api/contract/labels.ts";
import { beatEvery, heartbeatPatch } from "../../../api/contract/node-heartbeat.ts";
import { placeholderIn } from "../../../api/contract/placeholder.ts";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { ApiError } from "../../../api/kube/client/errors.ts";
import { Controller } from "../../../api/kube/controller/controller.ts";
import { Reflector } from "../../../api/kube/controller/reflector.ts";
import { itself, owner, ownerKey } from "../../../api/kube/controller/source.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { nodes, type Pod, pods } from "../../../api/kube/resources/core-resources.ts";
import { sleep } from "../../../api/kube/sleep.ts";
import { instances, type VirtualMachineInstance } from "../../../api/resources.ts";
import { conditionOf, type NewCondition, setCondition, timestamp } from "../../../api/status/conditions.ts";
import { scheduled } from "../../../api/status/phase-times.ts";
import { isFinal, type Phase } from "../../../api/status/phases.ts";
import { cluster, eventually } from "../cluster.ts";

/** A guest's behaviour: it runs, it fails before it runs, or the daemon does nothing. */
export type Behaviour = "run" | "fail" | "silence";

/**
 * Plays the node daemons: it writes the status of instances by the contract between the parts, and starts no guest.
 * Kubernetes is real. It ends the placeholder's hold program like the daemon does.
 */
export class DaemonDriver {
  /** Behaviours by the name of the instance; `run` by default. */
  readonly behaviours = new Map<string, Behaviour>();
  readonly #client: KubeClient;
  readonly #instances: Reflector<VirtualMachineInstance>;
  readonly #pods: Reflector<Pod>;
  readonly #controller: Controller;
  readonly #abort = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  private constructor(client: KubeClient) {
    this.#client = client;
    this.#instances = new Reflector(client, instances, { labelSelector: labels.nodeName });
    this.#pods = new Reflector(client, pods, { labelSelector: `${labels.app}=virt-launcher` });
    this.#controller = new Controller({
      name: "daemon",
      reconcile: (key) => this.#act(key),
      sources: [itself(this.#instances), owner(this.#pods, instances)],
    });
  }

  static async start(): Promise<DaemonDriver> {
    const credentials = await fromKubeconfig({ file: cluster.kubeconfig });
    const driver = new DaemonDriver(new KubeClient(credentials));
    await driver.#beat();
    const { signal } = driver.#abort;
    driver.#running = Promise.all([
      driver.#instances.run(signal),
      driver.#pods.run(signal),
      driver.#controller.run(signal),
      driver.#beatOn(signal),
    ]);
    return driver;
  }

  async #beat(): Promise<void> {
    for (const { metadata } of (await this.#client.list(nodes)).items) {
      await this.#client.mergePatch(nodes, { name: metadata?.name ?? "" }, heartbeatPatch(new Date(), undefined));
    }
  }

  async #beatOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(beatEvery, signal).catch(() => {});
      if (!signal.aborted) await this.#beat();
    }
  }

  /** Sets the behaviour of an instance. */
  behave(namespace: string, name: string, behaviour: Behaviour): void {
    this.behaviours.set(name, behaviour);
    this.#controller.enqueue(`${namespace}/${name}`);
  }

  /** Ends an instance's guest. */
  async endGuest(namespace: string, name: string, phase: "Succeeded" | "Failed"): Promise<void> {
    const condition = { type: "Ready", status: "False", reason: "GuestNotRunning" } as const;
    await this.#change(namespace, name, () => phase, condition);
  }

  /** Sets a condition of an instance. */
  async setCondition(namespace: string, name: string, condition: NewCondition): Promise<void> {
    await this.#change(namespace, name, ({ status }) => status?.phase ?? "Running", condition);
  }

  /** Changes an instance's status; retries when the controller wrote between our read and our write. */
  async #change(
    namespace: string,
    name: string,
    phaseOf: (instance: VirtualMachineInstance) => Phase,
    condition: NewCondition,
  ): Promise<void> {
    await eventually(async () => {
      const instance = await this.#client.get(instances, { namespace, name });
      await this.#write(instance, phaseOf(instance), condition);
    });
  }

  async end(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#client.close();
  }

  async #act(key: string): Promise<"done"> {
    const instance = this.#instances.store.get(key);
    const pod = instance && placeholderIn(this.#pods.store, instance.metadata);
    for (const stray of this.#pods.store.values()) {
      const { uid, deletionTimestamp } = stray.metadata ?? {};
      if (ownerKey(stray, instances) === key && deletionTimestamp && uid !== pod?.metadata?.uid) await endHold(stray);
    }
    if (!instance) return "done";
    const { metadata, status } = instance;
    const behaviour = this.behaviours.get(metadata.name ?? "") ?? "run";
    if (isFinal(status?.phase)) await endHold(pod);
    else if (behaviour === "silence") return "done";
    else if (metadata.deletionTimestamp !== undefined) await this.#end(instance, "Succeeded", pod);
    else await this.#tend(instance, pod, behaviour);
    return "done";
  }

  async #tend(instance: VirtualMachineInstance, pod: Pod | undefined, behaviour: Behaviour): Promise<void> {
    if (!pod || pod.status?.phase === "Failed" || behaviour === "fail") return this.#end(instance, "Failed", pod);
    if (pod.metadata?.deletionTimestamp !== undefined) return this.#end(instance, "Succeeded", pod);
    const isUp = pod.status?.containerStatuses?.some(({ state }) => state?.running) === true;
    const { metadata, status = {} } = instance;
    // The controller itself removes its condition for a silent node.
    if (!isUp || (status.phase === "Running" && conditionOf(status.conditions, "Ready"))) return;
    const node = metadata.labels?.[labels.nodeName] ?? "";
    const told =
      status.phase === "Scheduled" || status.phase === "Running" ? status : scheduled(instance, pod, node, new Date());
    await this.#write({ ...instance, status: told }, "Running", { type: "Ready", status: "True" });
  }

  async #end(instance: VirtualMachineInstance, phase: Phase, pod: Pod | undefined): Promise<void> {
    // End hold first, like the daemon: the controller deletes the Pod as soon as it sees the end.
    await endHold(pod);
    await this.#write(instance, phase, { type: "Ready", status: "False", reason: "GuestNotRunning" });
  }

  async #write(instance: VirtualMachineInstance, phase: Phase, condition: NewCondition): Promise<void> {
    const { name = "", namespace = "", resourceVersion } = instance.metadata;
    const now = new Date();
    const before = instance.status?.phaseTransitionTimestamps ?? [];
    const entry = { phase, phaseTransitionTimestamp: timestamp(now) };
    const status = {
      ...instance.status,
      phase,
      phaseTransitionTimestamps: before.some((passed) => passed.phase === phase) ? before : [...before, entry],
      conditions: setCondition(instance.status?.conditions, condition, now),
    };
    const patch = { metadata: { resourceVersion }, status };
    try {
      await this.#client.mergePatch(instances, { name, namespace }, patch, { subresource: "status" });
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isNotFound) throw error;
    }
  }
}

/** Ends the hold program of a Pod, found by the Pod's cgroup. */
async function endHold(pod: Pod | undefined): Promise<void> {
  const uid = pod?.metadata?.uid;
  if (uid === undefined) return;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    if (command.trim() !== "hold") continue;
    const cgroup = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
    if (cgroup.includes(uid)) process.kill(Number(pid), "SIGUSR1");
  }
}
