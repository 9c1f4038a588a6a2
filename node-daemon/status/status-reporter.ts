import { podDevice } from "../../api/contract/pod-devices.ts";
import type { Log } from "../../api/kube/log.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { scheduled } from "../../api/status/phase-times.ts";
import { isFinal } from "../../api/status/phases.ts";
import { errorSentence } from "../../api/values/error-words.ts";
import { desiredOf } from "../core/desired.ts";
import { endingOf } from "../core/ending.ts";
import type { LocalInstances } from "../core/local-instances.ts";
import type { View } from "../core/observe.ts";
import type { Ending } from "../drivers/ending.ts";
import type { InstanceApi } from "../drivers/instance-api.ts";
import type { HostFacts } from "../instance/host.ts";
import { domainName, type InstanceIdentity } from "../instance/identity.ts";
import { instancePaths } from "../instance/paths.ts";
import { podAddresses } from "../instance/placeholder.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Drivers } from "../steps/context.ts";
import { StatusWriter } from "./status-writer.ts";

export interface StatusReporterOptions {
  readonly nodeName: string;
  readonly drivers: Drivers;
  readonly api: InstanceApi;
  readonly host: HostFacts;
  readonly stateFolder: string;
  /** The placeholder Pod of an instance on this node. */
  readonly podOf: (identity: InstanceIdentity) => Pod | undefined;
  readonly localInstances: LocalInstances;
  readonly log: Log;
}

/** Empty values of the facts that a status is made from. */
const emptyFacts = {
  running: undefined,
  ending: undefined,
  failure: undefined,
  frozen: undefined,
  answers: true,
  addresses: [],
  links: [],
  system: undefined,
  guestInterfaces: undefined,
} as const;

/** Reports the state of instances to the API server, and to the console server through LocalInstances. */
export class StatusReporter {
  readonly #options: StatusReporterOptions;
  readonly #status: StatusWriter;

  constructor(options: StatusReporterOptions) {
    this.#options = options;
    this.#status = new StatusWriter(options.api);
  }

  /** Writes the status of an instance. */
  async report(identity: InstanceIdentity, instance: VirtualMachineInstance, view: View): Promise<void> {
    const { drivers, host, localInstances } = this.#options;
    const { storage, domain, network } = view.observed;
    const active = domain !== undefined && domain.state !== "off" && !storage?.ended;
    const running = active && storage?.started ? domain : undefined;
    const pod = this.#options.podOf(identity);
    const toldAddresses = podAddresses(pod);
    if (!active) localInstances.remove(identity);
    else {
      const phase = running ? "Running" : "Scheduled";
      // Other clients connect to this address, so it must not come from a file that a program in the pod may write.
      const [address] = toldAddresses;
      const paused = domain.state === "paused";
      const process = view.container?.pid;
      localInstances.set({
        identity,
        instance,
        paths: instancePaths(this.#options.stateFolder, identity.uid),
        phase,
        paused,
        address,
        process,
      });
    }
    const { phase } = instance.status ?? {};
    if (isFinal(phase)) return;
    const ended = active ? undefined : endedOf(instance, view);
    const isTold = phase === "Scheduled" || phase === "Running";
    // The controller reports on a start that takes long.
    if (!isTold && !ended && !running) return;
    const frozen = running ? view.observed.frozen?.isSo === true : undefined;
    // A frozen guest does not answer such questions.
    const asks = running?.agent === true && !frozen && !this.#status.isStale(instance);
    const name = domainName(identity);
    const [system, guestInterfaces] = await Promise.all([
      asks && instance.status?.guestOSInfo === undefined ? drivers.hypervisor.guestSystem(name) : undefined,
      asks ? drivers.hypervisor.guestInterfaces(name) : undefined,
    ]);
    const now = drivers.clock.now();
    const facts = {
      ...emptyFacts,
      instance,
      host,
      running,
      ending: ended,
      frozen,
      answers: !instance.spec.readinessProbe || (view.placeholder.state === "there" && view.placeholder.ready),
      addresses: firstOf(toldAddresses, network.addresses, takenOver(storage?.links)),
      links: storage?.links ?? [],
      system,
      guestInterfaces,
      now,
    };
    if (isTold || !running) return this.#status.write(facts);
    return this.#status.write(facts, scheduled(instance, pod, this.#options.nodeName, now));
  }

  /** Writes a failure into the status. A failure to write it is only logged. */
  async reportFailure(identity: InstanceIdentity, instance: VirtualMachineInstance, error: unknown): Promise<void> {
    const { host, log, drivers } = this.#options;
    const { phase } = instance.status ?? {};
    if (phase !== "Scheduled" && phase !== "Running") return;
    const failure = errorSentence(error);
    const now = drivers.clock.now();
    try {
      await this.#status.write({ ...emptyFacts, instance, host, failure, now });
    } catch (cause) {
      log("warn", "failure not told", { vmi: `${identity.namespace}/${identity.name}`, error: cause });
    }
  }

  /** Forgets an instance after its last report. */
  forget(identity: InstanceIdentity): void {
    this.#status.forget(identity);
  }
}

/** The API server's addresses, else the node's: the kubelet reports addresses up to a second after the guest runs. */
function firstOf(...known: readonly (readonly string[])[]): readonly string[] {
  return known.find((addresses) => addresses.length > 0) ?? [];
}

/** The addresses that a bridged guest has taken over from its pod. */
function takenOver(links: readonly PodLink[] = []): string[] {
  const own = links.find(({ device }) => device === podDevice);
  return own?.addresses.map((address) => address.split("/")[0] ?? "") ?? [];
}

/** How an instance without an active domain has ended; undefined when it has only not started yet. */
function endedOf(instance: VirtualMachineInstance, { observed: { storage }, placeholder }: View): Ending | undefined {
  if (storage?.ended) return storage.ended;
  const { goal } = desiredOf(instance, placeholder);
  const lost = instance.status?.phase === "Running" && !storage;
  return goal === "stop" || lost ? endingOf(instance, placeholder, undefined, lost) : undefined;
}
