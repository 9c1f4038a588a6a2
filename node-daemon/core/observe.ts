import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { InstanceApi } from "../drivers/instance-api.ts";
import type { Container } from "../drivers/pods.ts";
import type { FreezeNote, StopNote } from "../drivers/storage.ts";
import { domainName, type InstanceIdentity } from "../instance/identity.ts";
import { instancePaths } from "../instance/paths.ts";
import { askedToEnd, type Placeholder, placeholderOf, vanished } from "../instance/placeholder.ts";
import { tapPrefix } from "../network/card.ts";
import type { Drivers } from "../steps/context.ts";
import type { Observed, Step } from "./plan.ts";

export interface ObserverOptions {
  readonly nodeName: string;
  readonly drivers: Drivers;
  readonly api: Pick<InstanceApi, "placeholder">;
  readonly stateFolder: string;
  /** The placeholder pod of an instance on this node. */
  readonly podOf: (identity: InstanceIdentity) => Pod | undefined;
  /** The UID of the pod that the controller has recorded for an instance; undefined where a build before did not. */
  readonly recordedPodOf: (identity: InstanceIdentity) => string | undefined;
}

/** Milliseconds that a placeholder may be missing before the API server is asked for it: the two watches are not in step. */
export const unseenFor = 3000;

/** Milliseconds that freezing may take, the agent's answer included, and some more. */
export const freezesWithin = 40_000;

/** What of an instance is looked up anew in each round. */
export interface View {
  readonly observed: Observed;
  readonly container: Container | undefined;
  readonly placeholder: Placeholder;
}

/** Looks at what there is of instances, and remembers what no look tells. */
export class Observer {
  readonly #options: ObserverOptions;
  /** When each guest's power button was pressed last. Lost with the daemon, which presses it once more then. */
  readonly #pressed = new Map<string, number>();
  /** When each guest was last let go on after its storage had been full. */
  readonly #lastContinued = new Map<string, number>();
  /** Since when each guest has its grace period, where that could not be noted in its folder. */
  readonly #stopping = new Map<string, number>();
  /** Since when the placeholder of each instance has been missing. */
  readonly #unseen = new Map<string, number>();

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** What there is of an instance now. */
  async look(identity: InstanceIdentity): Promise<View> {
    const { drivers, stateFolder } = this.#options;
    const paths = instancePaths(stateFolder, identity.uid);
    const name = domainName(identity);
    const placeholder = await this.placeholder(identity);
    const podUid = placeholder.state === "unseen" ? undefined : placeholder.uid;
    const [storage, found, container, process] = await Promise.all([
      drivers.storage.observe(paths),
      drivers.hypervisor.observe(name),
      podUid === undefined ? undefined : drivers.pods.find(podUid),
      drivers.hypervisor.processOf(name),
    ]);
    // The domain of an earlier instance of the same name is not this one's.
    const domain = found?.identity.uid === identity.uid ? found : undefined;
    const [adopted, network] = await Promise.all([
      container !== undefined && process !== undefined && drivers.pods.holds(container, process),
      drivers.network.observe(tapPrefix(identity.uid), container),
    ]);
    const observed = {
      storage,
      domain,
      container: container !== undefined,
      adopted,
      network,
      now: drivers.clock.sinceBoot(),
      stopping: this.#stoppingSince(identity, storage?.stopping),
      room: await drivers.storage.hasRoom(fullFilesOf(domain)),
      pressed: this.#pressed.get(identity.uid),
      frozen: await this.#frozen(storage?.frozen, domain),
      lastContinued: this.#lastContinued.get(identity.uid),
    };
    return { observed, container, placeholder: this.#unlessAsked(identity, placeholder, container) };
  }

  /** The placeholder as the API server has it, unless the kubelet ends it, of which the API server knows nothing. */
  #unlessAsked(identity: InstanceIdentity, placeholder: Placeholder, container: Container | undefined): Placeholder {
    if (placeholder.state !== "there" || !container?.askedToEnd) return placeholder;
    return askedToEnd(this.#options.podOf(identity), placeholder.uid);
  }

  /** Since when the guest has its grace period. What was noted before the node started anew says nothing of now. */
  #stoppingSince({ uid }: InstanceIdentity, noted: StopNote | undefined): number | undefined {
    return noted?.boot === this.#options.drivers.clock.boot ? noted.since : this.#stopping.get(uid);
  }

  /** Whether the guest is frozen still, where that was noted since the node has started. */
  async #frozen(
    note: FreezeNote | undefined,
    domain: DomainObservation | undefined,
  ): Promise<Observed["frozen"] | undefined> {
    const { hypervisor, clock } = this.#options.drivers;
    if (!note || note.boot !== clock.boot || !domain || domain.state === "off") return undefined;
    // Who was started anew is not frozen, and the agent of who still starts is not there to say so.
    const told = domain.agent ? await hypervisor.isFrozen(domainName(domain.identity)) : undefined;
    // Not frozen yet is not over.
    const isPast = note.isDone || clock.sinceBoot() - note.since > freezesWithin;
    return { until: note.until, isSo: told ?? note.isDone, isOver: told === false && isPast };
  }

  /** How its placeholder is. One that is missing for long has gone, if the API server says so. */
  async placeholder(identity: InstanceIdentity): Promise<Placeholder> {
    const { nodeName, podOf, recordedPodOf, drivers, api } = this.#options;
    const placeholder = placeholderOf(podOf(identity));
    if (placeholder.state !== "unseen") {
      this.#unseen.delete(identity.uid);
      return placeholder;
    }
    const now = drivers.clock.sinceBoot();
    const since = this.#unseen.get(identity.uid) ?? now;
    this.#unseen.set(identity.uid, since);
    if (now - since < unseenFor) return placeholder;
    // After an outage one watch may be back long before the other.
    const pod = await api.placeholder(identity);
    const recorded = recordedPodOf(identity);
    // A guest that a build before has started goes on. Its pod is known once the controller has recorded it.
    if (pod && recorded === undefined) return placeholder;
    const isPlaceholder = pod?.metadata?.uid === recorded && pod?.spec?.nodeName === nodeName;
    return isPlaceholder ? placeholderOf(pod) : vanished(identity);
  }

  /** Notes when a step was done of which no trace can be looked up. */
  did({ uid }: InstanceIdentity, { do: step }: Step): void {
    const now = this.#options.drivers.clock.sinceBoot();
    if (step === "note-stop") this.#stopping.set(uid, now);
    if (step === "press-power-button") this.#pressed.set(uid, now);
    if (step === "continue") this.#lastContinued.set(uid, now);
  }

  /** Nothing more will be asked about an instance. */
  forget({ uid }: InstanceIdentity): void {
    for (const times of [this.#pressed, this.#lastContinued, this.#stopping, this.#unseen]) times.delete(uid);
  }
}

/** The images that a guest found full. Storage that fails otherwise is not asked for room: it may never answer. */
function fullFilesOf(domain: DomainObservation | undefined): string[] {
  return domain?.diskErrors.flatMap(({ file, full }) => (full && file !== undefined ? [file] : [])) ?? [];
}
