import { isOfInstance } from "../../api/contract/placeholder.ts";
import { TerminalError } from "../../api/kube/client/errors.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import type { Log } from "../../api/kube/log.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceApi } from "../drivers/instance-api.ts";
import type { HostFacts } from "../instance/host.ts";
import { domainName, type InstanceIdentity, identityOf } from "../instance/identity.ts";
import { instancePaths } from "../instance/paths.ts";
import type { Placeholder } from "../instance/placeholder.ts";
import { deleted, shuttingDown } from "../status/instance-events.ts";
import { StatusReporter } from "../status/status-reporter.ts";
import type { Drivers, StepContext } from "../steps/context.ts";
import type { Step } from "../steps/step.ts";
import { doStep } from "../steps/steps.ts";
import { ContainerWaits } from "./container-waits.ts";
import { desiredOf } from "./desired.ts";
import { endingOf } from "./ending.ts";
import type { KnownInstances } from "./known-instances.ts";
import type { LocalInstances } from "./local-instances.ts";
import type { Plan } from "./model.ts";
import { missingPlaceholderTimeout, Observer, type View } from "./observe.ts";
import { concurrently, plan } from "./plan.ts";
import { isRefused } from "./refused-error.ts";
import { Retries } from "./retries.ts";
import { placeholderTooNew } from "./versions.ts";

export interface ReconcilerOptions {
  readonly nodeName: string;
  readonly drivers: Drivers;
  readonly api: InstanceApi;
  readonly host: HostFacts;
  readonly stateFolder: string;
  /** The instances of this node, with all defaults filled in. */
  readonly instance: (key: string) => VirtualMachineInstance | undefined;
  /** The placeholder Pod of an instance on this node. */
  readonly podOf: (identity: InstanceIdentity) => Pod | undefined;
  /** The UID of the pod that the controller has recorded for an instance. */
  readonly recordedPodOf: (identity: InstanceIdentity) => string | undefined;
  /** The pods on this node that name an instance of this key as their owner. */
  readonly podsOfKey: (key: string) => readonly Pod[];
  readonly known: KnownInstances;
  readonly localInstances: LocalInstances;
  /** Whether an error, or one of its causes, means that libvirt or the API server was unreachable. */
  readonly isUnreachable: (error: unknown) => boolean;
  /** Queues a key for another reconcile. */
  readonly enqueue: (key: string) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Most rounds of lookup and steps before a reconcile lets others run. */
const mostRounds = 12;

/** Milliseconds between attempts after a failure. */
const backoff = { base: 500, max: 60_000 };

/** Brings the instances of one name on this node to their desired state. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #observer: Observer;
  readonly #reporter: StatusReporter;
  readonly #waits: ContainerWaits;
  readonly #retries = new Retries(backoff);

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#observer = new Observer(options);
    this.#reporter = new StatusReporter(options);
    this.#waits = new ContainerWaits(options.drivers.pods, options.signal);
  }

  /** A {@link Reconcile} of `namespace/name`. */
  async reconcile(key: string): Promise<Outcome> {
    const { known, instance: find } = this.#options;
    const instance = find(key);
    const later = known.laterOf(key);
    if (later) return this.#leaveAlone(key, instance, later);
    for (const old of known.of(key)) {
      // The next instance of a name can start only when nothing of the last one is left.
      if (old.uid !== instance?.metadata.uid) await this.#removePredecessor(old, instance);
    }
    await this.#releaseStray(key, instance);
    if (!instance) return "done";
    const identity = identityOf(instance);
    known.add(identity);
    const promised = placeholderTooNew(this.#options.podOf(identity));
    if (promised && !(await this.#isUnderstood(identity, instance))) return this.#leaveAlone(key, instance, promised);
    return this.#reconcileInstance(identity, instance);
  }

  /** Leaves a name's instances alone, and reports why: this release must not touch those of a later release. */
  async #leaveAlone(key: string, instance: VirtualMachineInstance | undefined, why: Error): Promise<Outcome> {
    this.#options.log("warn", "instance left alone", { vmi: key, error: why });
    if (instance) await this.#reporter.reportFailure(identityOf(instance), instance, why);
    return "done";
  }

  /**
   * Whether the placeholder's version does not matter. Either a release that this one knows has started the machine, as
   * its folder shows; or the instance is deleted before it has anything on the node.
   */
  async #isUnderstood(identity: InstanceIdentity, { metadata }: VirtualMachineInstance): Promise<boolean> {
    const { storage, domain } = (await this.#observer.look(identity)).observed;
    return storage !== undefined || (domain === undefined && metadata.deletionTimestamp !== undefined);
  }

  /** Lets deleted pods end that are no longer a placeholder. Otherwise they stay until the kubelet kills them. */
  async #releaseStray(key: string, instance: VirtualMachineInstance | undefined): Promise<void> {
    const { podsOfKey, recordedPodOf, drivers, enqueue } = this.#options;
    const placeholder = instance && recordedPodOf(identityOf(instance));
    const toCome: string[] = [];
    for (const pod of podsOfKey(key)) {
      const podUid = pod.metadata?.uid;
      if (!podUid || !pod.metadata?.deletionTimestamp || podUid === placeholder) continue;
      // If an earlier release has started the guest, the controller may still record the pod.
      if (instance && placeholder === undefined && isOfInstance(pod, instance.metadata)) continue;
      await drivers.pods.release(podUid, "Failed");
      const started = pod.status?.containerStatuses?.some(({ state }) => state?.running ?? state?.terminated);
      if (!started) toCome.push(podUid);
    }
    this.#waits.set(key, toCome, () => enqueue(key));
  }

  /** Ends the rest of an old instance. On failure, reports it on the next instance of the name, which waits. */
  async #removePredecessor(old: InstanceIdentity, next: VirtualMachineInstance | undefined): Promise<void> {
    try {
      await this.#removeRemains(old);
    } catch (cause) {
      const error = new Error("the remains of the previous instance of this name cannot be removed", { cause });
      const isTold = next !== undefined && !this.#options.isUnreachable(cause);
      if (isTold) await this.#reporter.reportFailure(identityOf(next), next, error);
      throw error;
    }
  }

  /** Ends the rest of an instance that the API server no longer has. */
  async #removeRemains(identity: InstanceIdentity): Promise<void> {
    const { api, log } = this.#options;
    const view = await this.#observer.look(identity);
    const active = view.observed.domain !== undefined && view.observed.domain.state !== "off";
    // The watch shows only objects that match its selector. A changed label must not kill a guest.
    if (active && (await api.exists(identity))) {
      log("warn", "instance is no longer this node's, its domain is left alone", { vmi: nameOf(identity) });
      return;
    }
    await this.#runPlan(identity, undefined);
    this.#forget(identity);
  }

  async #reconcileInstance(identity: InstanceIdentity, instance: VirtualMachineInstance): Promise<Outcome> {
    const { clock } = this.#options.drivers;
    const attempt = attemptOf(instance, await this.#observer.placeholder(identity));
    const waiting = this.#retries.waiting(identity.uid, attempt, clock.sinceBoot());
    // An earlier failure must not delay the status of a running guest.
    if (waiting && instance.status?.phase !== "Running") {
      // The failure may be older than the status, so report it now.
      await this.#reporter.reportFailure(identity, instance, waiting.error);
      return waiting.after === Number.POSITIVE_INFINITY ? "done" : { after: waiting.after };
    }
    try {
      const { view, plan: last } = await this.#runPlan(identity, instance);
      this.#retries.forget(identity.uid);
      await this.#reporter.report(identity, instance, view);
      if (last.awaiting === "next-look") return { after: 0 };
      if (view.placeholder.state === "unseen") return { after: missingPlaceholderTimeout };
      return last.after === undefined ? "done" : { after: last.after };
    } catch (error) {
      if (this.#options.isUnreachable(error)) throw error;
      const forGood = isRefused(error);
      this.#retries.failed(identity.uid, attempt, clock.sinceBoot(), { forGood, error });
      await this.#reporter.reportFailure(identity, instance, error);
      throw forGood ? new TerminalError("the instance cannot be run on this node", { cause: error }) : error;
    }
  }

  /** Repeats lookup, plan and steps, until the plan has to wait for an event. */
  async #runPlan(
    identity: InstanceIdentity,
    instance: VirtualMachineInstance | undefined,
  ): Promise<{ view: View; plan: Plan }> {
    for (let round = 1; ; round += 1) {
      const view = await this.#observer.look(identity);
      const now = plan(desiredOf(instance, view.placeholder, view.observed.storage?.links), view.observed);
      for (const steps of concurrently(now.steps)) {
        const done = await Promise.allSettled(steps.map((step) => this.#do(step, identity, instance, view)));
        for (const result of done) if (result.status === "rejected") throw result.reason;
      }
      this.#await(identity, now.awaiting === "container" ? view.placeholder : undefined);
      if (now.awaiting !== "next-look" || round === mostRounds) {
        return { view: now.steps.length > 0 ? await this.#observer.look(identity) : view, plan: now };
      }
    }
  }

  async #do(
    step: Step,
    identity: InstanceIdentity,
    instance: VirtualMachineInstance | undefined,
    view: View,
  ): Promise<void> {
    const { drivers, host, log, api, podOf } = this.#options;
    const { domain, storage } = view.observed;
    const context: StepContext = {
      drivers,
      host,
      identity,
      instance,
      domain: domainName(identity),
      paths: instancePaths(this.#options.stateFolder, identity.uid),
      podUid: view.placeholder.state === "unseen" ? undefined : view.placeholder.uid,
      pod: podOf(identity),
      container: view.container,
      tapsOnNode: view.observed.network.onNode,
      links: storage?.links ?? [],
      tell: (event) => {
        if (instance) api.record(instance, event);
      },
      ending: storage?.ended ?? endingOf(instance, view.placeholder, domain, storage?.started ?? false),
    };
    const started = performance.now();
    try {
      await doStep(step, context);
    } catch (cause) {
      throw new Error(`${step.do}${"volume" in step ? ` ${step.volume}` : ""}`, { cause });
    }
    const milliseconds = Math.round(performance.now() - started);
    log("debug", "step", { vmi: nameOf(identity), ...step, milliseconds });
    const first = view.observed.pressed === undefined;
    if (step.do === "press-power-button" && first && instance) api.record(instance, shuttingDown);
    if (step.do === "undefine" && instance) api.record(instance, deleted);
    this.#observer.did(identity, step);
  }

  /** Waits for the container of this placeholder, and for no other container of the instance. */
  #await(identity: InstanceIdentity, placeholder: Placeholder | undefined): void {
    const awaited = placeholder?.state === "there" ? [placeholder.uid] : [];
    this.#waits.set(identity.uid, awaited, () => this.#options.enqueue(nameOf(identity)));
  }

  #forget(identity: InstanceIdentity): void {
    this.#options.known.remove(identity);
    this.#options.localInstances.remove(identity);
    this.#await(identity, undefined);
    this.#reporter.forget(identity);
    this.#observer.forget(identity);
    this.#retries.forget(identity.uid);
  }
}

/** A key of the facts, besides the node, that an attempt's outcome depends on. */
function attemptOf({ metadata }: VirtualMachineInstance, { state }: Placeholder): string {
  const pod = state === "deleted" || state === "ended" ? state : "";
  return [metadata.generation, metadata.deletionTimestamp, pod].join(" ");
}

function nameOf({ namespace, name }: InstanceIdentity): string {
  return `${namespace}/${name}`;
}
