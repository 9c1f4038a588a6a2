import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { InstanceApi } from "../drivers/instance-api.ts";
import type { FreezeNote, StopNote } from "../drivers/notes.ts";
import type { Container } from "../drivers/pods.ts";
import { domainName, type InstanceIdentity } from "../instance/identity.ts";
import { instancePaths } from "../instance/paths.ts";
import { askedToEnd, type Placeholder, placeholderOf, vanished } from "../instance/placeholder.ts";
import { tapPrefix } from "../network/card.ts";
import type { Drivers } from "../steps/context.ts";
import type { Step } from "../steps/step.ts";
import type { Observed } from "./model.ts";

export interface ObserverOptions {
  readonly nodeName: string;
  readonly drivers: Drivers;
  readonly api: Pick<InstanceApi, "placeholder">;
  readonly stateFolder: string;
  /** The placeholder pod of an instance on this node. */
  readonly podOf: (identity: InstanceIdentity) => Pod | undefined;
  /** The UID of the pod that the controller has recorded for an instance; undefined if an earlier release did not. */
  readonly recordedPodOf: (identity: InstanceIdentity) => string | undefined;
}

/** Milliseconds without a placeholder before the daemon asks the API server: the two watches are not in step. */
export const missingPlaceholderTimeout = 3000;

/** Milliseconds that freezing may take, including the agent's answer, plus a margin. */
export const freezesWithin = 40_000;

/** The state of an instance that the daemon looks up anew in each round. */
export interface View {
  readonly observed: Observed;
  readonly container: Container | undefined;
  readonly placeholder: Placeholder;
}

/** Looks up the state of instances, and remembers the facts that no lookup shows. */
export class Observer {
  readonly #options: ObserverOptions;
  /** The time of each guest's last power button press. After a restart the daemon forgets it, and presses once more. */
  readonly #pressed = new Map<string, number>();
  /** The time at which the daemon last continued each guest after its storage was full. */
  readonly #lastContinued = new Map<string, number>();
  /** The start of each guest's grace period, if the daemon could not note it in the instance's folder. */
  readonly #stopping = new Map<string, number>();
  /** The time since which each instance's placeholder has been missing. */
  readonly #unseen = new Map<string, number>();

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** The current state of an instance. */
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
      room: await drivers.disks.hasRoom(fullFilesOf(domain)),
      pressed: this.#pressed.get(identity.uid),
      frozen: await this.#frozen(storage?.frozen, domain),
      lastContinued: this.#lastContinued.get(identity.uid),
    };
    return { observed, container, placeholder: this.#unlessAsked(identity, placeholder, container) };
  }

  /** The placeholder from the API server, unless the kubelet is ending it; the API server does not know about that. */
  #unlessAsked(identity: InstanceIdentity, placeholder: Placeholder, container: Container | undefined): Placeholder {
    if (placeholder.state !== "there" || !container?.askedToEnd) return placeholder;
    return askedToEnd(this.#options.podOf(identity), placeholder.uid);
  }

  /** The start of the guest's grace period. A note from before the node's last boot does not count. */
  #stoppingSince({ uid }: InstanceIdentity, noted: StopNote | undefined): number | undefined {
    return noted?.boot === this.#options.drivers.clock.boot ? noted.since : this.#stopping.get(uid);
  }

  /** The freeze that was noted since the node's last boot; undefined if there is none. */
  async #frozen(
    note: FreezeNote | undefined,
    domain: DomainObservation | undefined,
  ): Promise<Observed["frozen"] | undefined> {
    const { hypervisor, clock } = this.#options.drivers;
    if (!note || note.boot !== clock.boot || !domain || domain.state === "off") return undefined;
    // After a restart a guest is not frozen, and while it starts, its agent is not there to say so.
    const told = domain.agent ? await hypervisor.isFrozen(domainName(domain.identity)) : undefined;
    // A freeze that has not happened yet is not over.
    const isPast = note.isDone || clock.sinceBoot() - note.since > freezesWithin;
    return { until: note.until, isSo: told ?? note.isDone, isOver: told === false && isPast };
  }

  /** The state of the placeholder. One that is missing for long is gone if the API server confirms it. */
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
    if (now - since < missingPlaceholderTimeout) return placeholder;
    // After an outage one watch may be back long before the other.
    const pod = await api.placeholder(identity);
    const recorded = recordedPodOf(identity);
    // A guest that an earlier release has started keeps running. Its pod is known once the controller has recorded it.
    if (pod && recorded === undefined) return placeholder;
    const isPlaceholder = pod?.metadata?.uid === recorded && pod?.spec?.nodeName === nodeName;
    return isPlaceholder ? placeholderOf(pod) : vanished(identity);
  }

  /** Notes the time of a step that leaves no trace to look up. */
  did({ uid }: InstanceIdentity, { do: step }: Step): void {
    const now = this.#options.drivers.clock.sinceBoot();
    if (step === "note-stop") this.#stopping.set(uid, now);
    if (step === "press-power-button") this.#pressed.set(uid, now);
    if (step === "continue-after-full") this.#lastContinued.set(uid, now);
  }

  /** Forgets an instance that nobody asks about any more. */
  forget({ uid }: InstanceIdentity): void {
    for (const times of [this.#pressed, this.#lastContinued, this.#stopping, this.#unseen]) times.delete(uid);
  }
}

/** The images that a guest found full. Storage with other failures may never answer, so it is left out. */
function fullFilesOf(domain: DomainObservation | undefined): string[] {
  return domain?.diskErrors.flatMap(({ file, full }) => (full && file !== undefined ? [file] : [])) ?? [];
}
