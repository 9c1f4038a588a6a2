import type { V1Lease } from "@kubernetes/client-node";
import type { KubeClient } from "../client/client.ts";
import { ApiError } from "../client/errors.ts";
import { watch } from "../client/watch.ts";
import type { Wire } from "../client/wire.ts";
import type { Resource } from "../resources/resource.ts";
import { microTime } from "../time.ts";

/** `coordination.k8s.io/v1` Lease. */
export type Lease = Wire<V1Lease>;

export const leases: Resource<Lease> = {
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  kind: "Lease",
  namespaced: true,
};

/** The name of a Lease, its holder, and its duration. */
export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Unique for each candidate: the pod's name and uid. */
  readonly identity: string;
  /** Seconds after which a Lease is free if it was not renewed. */
  readonly leaseSeconds: number;
}

/** One candidate's view of a Lease: it reads, takes, renews and releases it. A write fails if the view is outdated. */
export class LeaseLock {
  readonly #client: KubeClient;
  readonly #options: LeaseOptions;
  #lease: Lease | undefined;
  /** When this state of the Lease was first seen, in milliseconds of our own clock: the clocks of machines differ. */
  #seenAt = 0;

  constructor(client: KubeClient, options: LeaseOptions) {
    this.#client = client;
    this.#options = options;
  }

  get isOurs(): boolean {
    return this.#lease?.spec?.holderIdentity === this.#options.identity;
  }

  /** The holder's identity; `undefined` when the Lease is free. */
  get holder(): string | undefined {
    return this.#lease?.spec?.holderIdentity || undefined;
  }

  /** Milliseconds until the Lease may be taken; zero or less when it may be taken now. */
  get freeIn(): number {
    if (this.holder === undefined || this.isOurs) return 0;
    const duration = this.#lease?.spec?.leaseDurationSeconds ?? this.#options.leaseSeconds;
    return this.#seenAt + duration * 1000 - performance.now();
  }

  /** Reads the Lease. */
  async read(signal: AbortSignal, timeLimit = 10_000): Promise<void> {
    try {
      this.#see(await this.#client.get(leases, this.#options, { signal, timeLimit }));
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isNotFound) throw error;
      this.#see(undefined);
    }
  }

  /** Waits for the next change and takes it over. Resolves to whether a change came before the watch ended. */
  async changed(signal: AbortSignal): Promise<boolean> {
    const { namespace, name } = this.#options;
    const fieldSelector = `metadata.name=${name}`;
    const resourceVersion = this.#lease?.metadata?.resourceVersion ?? "";
    for await (const { type, object } of watch(this.#client, leases, {
      namespace,
      fieldSelector,
      resourceVersion,
      signal,
    })) {
      if (type === "BOOKMARK") continue;
      this.#see(type === "DELETED" ? undefined : object);
      return true;
    }
    return false;
  }

  /** Takes the Lease. Throws ApiError (`isConflict`, `isAlreadyExists`) when another candidate was quicker. */
  async take(signal: AbortSignal, timeLimit: number): Promise<void> {
    const now = microTime();
    const { identity, leaseSeconds } = this.#options;
    const transitions = this.#lease?.spec?.leaseTransitions;
    await this.#write(
      {
        holderIdentity: identity,
        leaseDurationSeconds: leaseSeconds,
        acquireTime: now,
        renewTime: now,
        // The number of changes of holder; 0 for the first holder.
        leaseTransitions: this.#lease === undefined ? 0 : (transitions ?? 0) + (this.isOurs ? 0 : 1),
      },
      { signal, timeLimit },
    );
  }

  /** Renews the Lease. */
  async renew(signal: AbortSignal, timeLimit: number): Promise<void> {
    await this.#write({ ...this.#lease?.spec, renewTime: microTime() }, { signal, timeLimit });
  }

  /** Releases the Lease, so that no candidate has to wait until it expires. */
  async release(timeLimit: number): Promise<void> {
    const { holderIdentity: _holder, ...spec } = this.#lease?.spec ?? {};
    await this.#write({ ...spec, leaseDurationSeconds: 1, renewTime: microTime() }, { timeLimit });
  }

  async #write(spec: NonNullable<Lease["spec"]>, options: { signal?: AbortSignal; timeLimit: number }): Promise<void> {
    const { namespace, name } = this.#options;
    const lease: Lease = {
      ...this.#lease,
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { ...this.#lease?.metadata, namespace, name },
      spec,
    };
    const write = this.#lease === undefined ? "create" : "update";
    this.#see(await this.#client[write](leases, lease, options));
  }

  #see(lease: Lease | undefined): void {
    // Only the spec counts: a change of a label, for example, is no renewal.
    if (JSON.stringify(lease?.spec) !== JSON.stringify(this.#lease?.spec)) this.#seenAt = performance.now();
    this.#lease = lease;
  }
}
