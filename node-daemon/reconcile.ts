import type { Outcome } from "../api/kube/controller.ts";
import type { Pod } from "../api/kube/core-resources.ts";
import { TerminalError } from "../api/kube/errors.ts";
import type { Log } from "../api/kube/log.ts";
import { isFinal } from "../api/phases.ts";
import type { VirtualMachineInstance } from "../api/resources.ts";
import { ContainerWaits } from "./container-waits.ts";
import { desiredOf } from "./desired.ts";
import { endingOf } from "./ending.ts";
import { errorWords } from "./error-words.ts";
import type { HostFacts } from "./host.ts";
import { domainName, type InstanceIdentity, identityOf } from "./instance.ts";
import type { KnownInstances } from "./known-instances.ts";
import { tapPrefix } from "./network/card.ts";
import { instancePaths } from "./paths.ts";
import { instanceUidOf, type Placeholder, placeholderOf, vanished } from "./placeholder.ts";
import { type Observed, type Plan, plan } from "./plan.ts";
import type { Container, InstanceApi } from "./ports.ts";
import { isRefused } from "./refused-error.ts";
import { Retries } from "./retries.ts";
import type { Roster } from "./roster.ts";
import { shuttingDown } from "./status/instance-events.ts";
import { StatusWriter } from "./status/status-writer.ts";
import type { Ports, StepContext } from "./steps/context.ts";
import { doStep } from "./steps/step.ts";

export interface ReconcilerOptions {
  readonly ports: Ports;
  readonly api: InstanceApi;
  readonly host: HostFacts;
  readonly stateFolder: string;
  /** The instances of this node, as the API server has them. */
  readonly instance: (key: string) => VirtualMachineInstance | undefined;
  /** The placeholder pods of an instance on this node, by its uid. */
  readonly podsOf: (uid: string) => readonly Pod[];
  /** The placeholder pods on this node of all instances of a name. */
  readonly podsOfKey: (key: string) => readonly Pod[];
  readonly known: KnownInstances;
  readonly roster: Roster;
  /** Has a key reconciled again. */
  readonly enqueue: (key: string) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Looks, and rounds of steps, before a reconcile gives way to others. */
const mostRounds = 12;

/** Milliseconds that a placeholder may be missing before it counts as gone: the two watches are not in step. */
const unseenFor = 3000;

/** Milliseconds between attempts at what failed. */
const backoff = { base: 500, max: 60_000 };

/** What a status is made from besides what is known. */
const nothingTold = {
  running: undefined,
  ending: undefined,
  failure: undefined,
  answers: true,
  addresses: [],
  links: [],
  system: undefined,
  guestInterfaces: undefined,
} as const;

/** What of an instance is looked up anew in each round. */
interface View {
  readonly observed: Observed;
  readonly container: Container | undefined;
  readonly placeholder: Placeholder;
}

/** Brings the instances of one name on this node to what is desired of them. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #status: StatusWriter;
  readonly #waits: ContainerWaits;
  /** When each guest's power button was pressed last. Lost with the daemon, which presses it once more then. */
  readonly #pressed = new Map<string, number>();
  /** When each guest was last let go on after its storage had been full. */
  readonly #letGoOn = new Map<string, number>();
  /** Since when the placeholder of each instance has been missing. */
  readonly #unseen = new Map<string, number>();
  readonly #retries = new Retries(backoff);

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#status = new StatusWriter(options.api);
    this.#waits = new ContainerWaits(options.ports.pods, options.signal);
  }

  /** A {@link Reconcile} of `namespace/name`. */
  async reconcile(key: string): Promise<Outcome> {
    const { known, instance: find } = this.#options;
    const instance = find(key);
    for (const old of known.of(key)) {
      // The name is free for the next only when nothing is left of the last.
      if (old.uid !== instance?.metadata.uid) await this.#bury(old);
    }
    await this.#releaseStray(key, instance?.metadata.uid);
    if (!instance) return "done";
    const identity = identityOf(instance);
    known.add(identity);
    return this.#attend(identity, instance);
  }

  /** Lets placeholders end whose instance is gone: they would stay until the kubelet loses patience. */
  async #releaseStray(key: string, uid: string | undefined): Promise<void> {
    const { podsOfKey, ports, enqueue } = this.#options;
    for (const pod of podsOfKey(key)) {
      const podUid = pod.metadata?.uid;
      if (!podUid || !pod.metadata?.deletionTimestamp || instanceUidOf(pod) === uid) continue;
      await ports.pods.release(podUid, "Failed");
      const started = pod.status?.containerStatuses?.some(({ state }) => state?.running ?? state?.terminated);
      if (!started) this.#waits.start(podUid, () => enqueue(key));
    }
  }

  /** Ends what is left of an instance that is no longer in the API server. */
  async #bury(identity: InstanceIdentity): Promise<void> {
    const { api, log } = this.#options;
    const view = await this.#look(identity);
    const active = view.observed.domain !== undefined && view.observed.domain.state !== "off";
    // A watch shows what its selector matches: a guest is not killed because of a label.
    if (active && (await api.exists(identity))) {
      log("warn", "instance is no longer this node's, its domain is left alone", { vmi: nameOf(identity) });
      return;
    }
    await this.#work(identity, undefined);
    this.#forget(identity);
  }

  async #attend(identity: InstanceIdentity, instance: VirtualMachineInstance): Promise<Outcome> {
    const { clock } = this.#options.ports;
    const attempt = attemptOf(instance, this.#placeholder(identity));
    const waiting = this.#retries.waiting(identity.uid, attempt, clock.now().getTime());
    // What becomes of a guest that runs is heard at once, whatever has failed.
    if (waiting && instance.status?.phase !== "Running") {
      // It may have failed before there was a status to tell it in.
      await this.#tellFailure(identity, instance, waiting.error);
      return waiting.after === Number.POSITIVE_INFINITY ? "done" : { after: waiting.after };
    }
    try {
      const { view, plan: last } = await this.#work(identity, instance);
      this.#retries.forget(identity.uid);
      await this.#tell(identity, instance, view);
      if (last.awaiting === "nothing" && isFinal(instance.status?.phase)) this.#forget(identity);
      if (last.awaiting === "next-look") return { after: 0 };
      if (view.placeholder.state === "unseen") return { after: unseenFor };
      return last.after === undefined ? "done" : { after: last.after };
    } catch (error) {
      if (isUnreachable(error)) throw error;
      const forGood = isRefused(error);
      this.#retries.failed(identity.uid, attempt, clock.now().getTime(), { forGood, error });
      await this.#tellFailure(identity, instance, error);
      throw forGood ? new TerminalError("the instance cannot be run on this node", { cause: error }) : error;
    }
  }

  /** Looks, plans and does, until something has to be waited for. */
  async #work(
    identity: InstanceIdentity,
    instance: VirtualMachineInstance | undefined,
  ): Promise<{ view: View; plan: Plan }> {
    for (let round = 1; ; round += 1) {
      const view = await this.#look(identity);
      const now = plan(desiredOf(instance, view.placeholder, view.observed.storage?.links), view.observed);
      for (const steps of abreast(now.steps)) {
        const done = await Promise.allSettled(steps.map((step) => this.#do(step, identity, instance, view)));
        for (const result of done) if (result.status === "rejected") throw result.reason;
      }
      if (now.awaiting === "container") this.#await(identity, view.placeholder);
      if (now.awaiting !== "next-look" || round === mostRounds) {
        return { view: now.steps.length > 0 ? await this.#look(identity) : view, plan: now };
      }
    }
  }

  async #do(
    step: Plan["steps"][number],
    identity: InstanceIdentity,
    instance: VirtualMachineInstance | undefined,
    view: View,
  ): Promise<void> {
    const { ports, host, log, api } = this.#options;
    const { domain, storage } = view.observed;
    const context: StepContext = {
      ports,
      host,
      identity,
      instance,
      domain: domainName(identity),
      paths: this.#paths(identity),
      podUid: view.placeholder.state === "unseen" ? undefined : view.placeholder.uid,
      container: view.container,
      tapsOnNode: view.observed.network.onNode,
      links: storage?.links ?? [],
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
    if (step.do === "press-power-button") {
      if (!this.#pressed.has(identity.uid) && instance) api.record(instance, shuttingDown);
      this.#pressed.set(identity.uid, ports.clock.now().getTime());
    }
    if (step.do === "let-go-on") this.#letGoOn.set(identity.uid, ports.clock.now().getTime());
  }

  async #look(identity: InstanceIdentity): Promise<View> {
    const { ports } = this.#options;
    const name = domainName(identity);
    const placeholder = this.#placeholder(identity);
    const podUid = placeholder.state === "unseen" ? undefined : placeholder.uid;
    const [storage, found, container, process] = await Promise.all([
      ports.storage.observe(this.#paths(identity)),
      ports.hypervisor.observe(name),
      podUid === undefined ? undefined : ports.pods.find(podUid),
      ports.hypervisor.processOf(name),
    ]);
    // The domain of an earlier instance of the same name is not this one's.
    const domain = found?.identity.uid === identity.uid ? found : undefined;
    const [adopted, network] = await Promise.all([
      container !== undefined && process !== undefined && ports.pods.holds(container, process),
      ports.network.observe(tapPrefix(identity.uid), container),
    ]);
    const observed = {
      storage,
      domain,
      container: container !== undefined,
      adopted,
      network,
      now: ports.clock.now().getTime(),
      room: !domain?.diskErrors.length || (await ports.storage.hasRoom(this.#paths(identity))),
      pressed: this.#pressed.get(identity.uid),
      letGoOn: this.#letGoOn.get(identity.uid),
    };
    return { observed, container, placeholder };
  }

  #placeholder(identity: InstanceIdentity): Placeholder {
    const { podsOf, ports } = this.#options;
    const placeholder = placeholderOf(podsOf(identity.uid));
    if (placeholder.state !== "unseen") {
      this.#unseen.delete(identity.uid);
      return placeholder;
    }
    const now = ports.clock.now().getTime();
    const since = this.#unseen.get(identity.uid) ?? now;
    this.#unseen.set(identity.uid, since);
    return now - since >= unseenFor ? vanished(identity) : placeholder;
  }

  #await(identity: InstanceIdentity, placeholder: Placeholder): void {
    if (placeholder.state !== "there") return;
    this.#waits.start(placeholder.uid, () => this.#options.enqueue(`${identity.namespace}/${identity.name}`));
  }

  /** Writes down, for the API server and the server of consoles, how the instance is. */
  async #tell(identity: InstanceIdentity, instance: VirtualMachineInstance, view: View): Promise<void> {
    const { ports, host, roster } = this.#options;
    const { storage, domain, network } = view.observed;
    const active = domain !== undefined && domain.state !== "off" && !storage?.ended;
    const running = active && storage?.started ? domain : undefined;
    if (!active) roster.remove(identity);
    else {
      const phase = running ? "Running" : "Scheduled";
      const [address] = network.addresses;
      const paused = domain.state === "paused";
      const process = view.container?.pid;
      roster.set({ identity, instance, paths: this.#paths(identity), phase, paused, address, process });
    }
    const { phase } = instance.status ?? {};
    if (isFinal(phase)) return;
    const ended = active ? undefined : endedOf(instance, view);
    // Until the controller has handed it over, the status is the controller's.
    if (!ended && phase !== "Scheduled" && phase !== "Running") return;
    const asks = running?.agent === true && !this.#status.isStale(instance);
    const name = domainName(identity);
    const [system, guestInterfaces] = await Promise.all([
      asks && instance.status?.guestOSInfo === undefined ? ports.hypervisor.guestSystem(name) : undefined,
      asks ? ports.hypervisor.guestInterfaces(name) : undefined,
    ]);
    await this.#status.write({
      ...nothingTold,
      instance,
      host,
      running,
      ending: ended,
      answers: !instance.spec.readinessProbe || (view.placeholder.state === "there" && view.placeholder.ready),
      addresses: network.addresses,
      links: storage?.links ?? [],
      system,
      guestInterfaces,
      now: ports.clock.now(),
    });
  }

  async #tellFailure(identity: InstanceIdentity, instance: VirtualMachineInstance, error: unknown): Promise<void> {
    const { host, log, ports } = this.#options;
    const { phase } = instance.status ?? {};
    if (phase !== "Scheduled" && phase !== "Running") return;
    const failure = errorWords(error);
    const now = ports.clock.now();
    try {
      await this.#status.write({ ...nothingTold, instance, host, failure, now });
    } catch (cause) {
      log("warn", "failure not told", { vmi: nameOf(identity), error: cause });
    }
  }

  #forget(identity: InstanceIdentity): void {
    this.#options.known.remove(identity);
    this.#options.roster.remove(identity);
    this.#status.forget(identity);
    this.#pressed.delete(identity.uid);
    this.#letGoOn.delete(identity.uid);
    this.#retries.forget(identity.uid);
    this.#unseen.delete(identity.uid);
  }

  #paths({ uid }: InstanceIdentity): ReturnType<typeof instancePaths> {
    return instancePaths(this.#options.stateFolder, uid);
  }
}

/** The steps in their order, those together that are each about another thing: the kernel lets both wait. */
function abreast(steps: Plan["steps"]): Plan["steps"][] {
  const [adopt, attach] = ["adopt", "attach-network"].map((name) => steps.findIndex((step) => step.do === name));
  if (adopt === undefined || adopt < 0 || attach !== adopt + 1) return steps.map((step) => [step]);
  const one = (step: Plan["steps"][number]): Plan["steps"] => [step];
  return [...steps.slice(0, adopt).map(one), steps.slice(adopt, attach + 1), ...steps.slice(attach + 1).map(one)];
}

/** How an instance that has no active domain has ended; undefined when it is only on its way. */
function endedOf(
  instance: VirtualMachineInstance,
  { observed: { storage }, placeholder }: View,
): ReturnType<typeof endingOf> | undefined {
  if (storage?.ended) return storage.ended;
  const { goal } = desiredOf(instance, placeholder);
  const lost = instance.status?.phase === "Running" && !storage;
  return goal === "stop" || lost ? endingOf(instance, placeholder, undefined, lost) : undefined;
}

/** What the outcome of an attempt depends on, besides the node. */
function attemptOf({ metadata }: VirtualMachineInstance, { state }: Placeholder): string {
  const pod = state === "deleted" || state === "ended" ? state : "";
  return [metadata.generation, metadata.deletionTimestamp, pod].join(" ");
}

function nameOf({ namespace, name }: InstanceIdentity): string {
  return `${namespace}/${name}`;
}

/** Whether libvirt, or the API server, could not be reached: nothing is wrong with the instance. */
function isUnreachable(error: unknown): boolean {
  const names = new Set(["DisconnectedError", "NetworkError", "TimeLimitError", "CallTimeoutError", "ApiError"]);
  for (let at = error; at instanceof Error; at = at.cause) if (names.has(at.name)) return true;
  return false;
}
