import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { Controller, type Outcome } from "../../api/kube/controller/controller.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import { mapped } from "../../api/kube/controller/source.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { type Secret, secrets } from "../../api/kube/resources/core-resources.ts";
import { joinKey } from "../../api/kube/resources/object.ts";
import { Value } from "../api-server/watched-value.ts";
import { apiServiceNames, apiServices, updateCaBundles } from "./api-services.ts";
import { type Authorities, advanced, changeOf } from "./authorities.ts";
import { bundleOf, certificatesOf } from "./inspect.ts";
import { renewalTime, renewed } from "./leaf.ts";
import { checked, defaultPolicy, type Policy } from "./policy.ts";
import { authoritiesOf, contentOf, isOurs, type Material, materialOf, pairOf, secretWith } from "./secret.ts";
import { type Leaf, leaves, secretNames, subjects } from "./subjects.ts";

export interface CertificateManagerOptions {
  readonly client: KubeClient;
  /** The namespace of the add-on. */
  readonly namespace: string;
  /** The Service of the aggregated API; `virt-api` by default. */
  readonly service?: string;
  readonly policy?: Policy;
  readonly now?: () => number;
  readonly log?: Log;
}

/** The longest time between checks in milliseconds, even if nothing is due: clocks change, and timers are limited. */
const atLeastEvery = 6 * 3_600_000;

/**
 * Keeps the certificates of the add-on in Secrets, and renews them. Any number of controllers may do so at once: each
 * decides by the Secrets' content, and its write fails if another one was quicker.
 */
export class CertificateManager {
  /** The current certificates, by purpose. */
  readonly materials: Readonly<Record<Leaf, Value<Material>>> = {
    server: new Value(),
    controller: new Value(),
    daemon: new Value(),
  };
  /** The signing and the trusted authorities. */
  readonly authorities = new Value<Authorities>();
  readonly #options: CertificateManagerOptions;
  readonly #policy: Policy;
  readonly #secrets: ReadonlyMap<string, Reflector<Secret>>;
  readonly #apiServices;
  readonly #log: Log;

  constructor(options: CertificateManagerOptions) {
    const { client, namespace, policy = defaultPolicy, log = noLog } = options;
    this.#options = options;
    this.#policy = checked(policy);
    this.#log = log;
    // A watch for each name: the controller has no rights on other Secrets.
    const watched = (name: string) =>
      new Reflector(client, secrets, { namespace, fieldSelector: `metadata.name=${name}`, log });
    this.#secrets = new Map(Object.values(secretNames).map((name) => [name, watched(name)]));
    this.#apiServices = apiServiceNames.map(
      (name) => new Reflector(client, apiServices, { fieldSelector: `metadata.name=${name}`, log }),
    );
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const reflectors = [...this.#secrets.values(), ...this.#apiServices];
    const controller = new Controller({
      name: "certificates",
      reconcile: (_key, ending) => this.#keep(ending),
      // All certificates have one key: an authority determines its certificates.
      sources: [
        ...[...this.#secrets.values()].map((one) => mapped(one, () => ["certificates"])),
        ...this.#apiServices.map((one) => mapped(one, () => ["certificates"])),
      ],
      concurrency: 1,
      log: this.#log,
    });
    controller.enqueue("certificates");
    await Promise.all([controller.run(signal), ...reflectors.map((reflector) => reflector.run(signal))]);
  }

  async #keep(signal: AbortSignal): Promise<Outcome> {
    const now = (this.#options.now ?? Date.now)();
    const authorities = await this.#authorities(now, signal);
    this.authorities.set(authorities);
    let due = changeOf(authorities, this.#policy);
    for (const leaf of leaves) due = Math.min(due, await this.#leaf(leaf, authorities, now, signal));
    const server = this.materials.server.current();
    if (server) {
      const known = new Map(
        this.#apiServices.flatMap(({ store }) => [...store.values()]).map((one) => [one.metadata?.name, one]),
      );
      for (const name of await updateCaBundles(this.#options.client, (one) => known.get(one), server.ca, signal)) {
        this.#log("info", "the API server was told whom to trust", { apiService: name });
      }
    }
    return { after: Math.min(Math.max(due - now, 1000), atLeastEvery) };
  }

  async #authorities(now: number, signal: AbortSignal): Promise<Authorities> {
    const name = secretNames.authority;
    const present = this.#secret(name);
    if (present && !isOurs(present)) {
      throw new Error(`secret ${name} is not the controller's: it lacks the label app.kubernetes.io/managed-by`);
    }
    const before = authoritiesOf(present);
    const wanted = await advanced(before, this.#policy, now);
    if (wanted !== before) await this.#write(name, present, contentOf(wanted), signal);
    return wanted;
  }

  /** Keeps one certificate. Returns when it is due next, in milliseconds since the epoch. */
  async #leaf(leaf: Leaf, authorities: Authorities, now: number, signal: AbortSignal): Promise<number> {
    const { service = "virt-api", namespace } = this.#options;
    const name = secretNames[leaf];
    const present = this.#secret(name);
    if (present && !isOurs(present)) {
      const material = materialOf(present);
      // We sign the node daemons' own certificates, even if another program keeps the controller's.
      const ca = bundleOf([...certificatesOf(material?.ca ?? ""), ...certificatesOf(authorities.bundle)]);
      if (material) this.materials[leaf].set(leaf === "controller" ? { ...material, ca } : material);
      else this.#log("warn", "a certificate that others keep is not complete", { secret: `${namespace}/${name}` });
      return Number.POSITIVE_INFINITY;
    }
    const before = pairOf(present);
    const pair = await renewed(before, subjects(service, namespace)[leaf], authorities, this.#policy, now);
    const material: Material = { cert: pair.certificate, key: pair.key, ca: authorities.bundle };
    if (pair !== before || materialOf(present)?.ca !== material.ca) {
      const content = { "tls.crt": material.cert, "tls.key": material.key, "ca.crt": material.ca };
      await this.#write(name, present, content, signal);
    }
    this.materials[leaf].set(material);
    return renewalTime(pair);
  }

  #secret(name: string): Secret | undefined {
    return this.#secrets.get(name)?.store.get(joinKey(name, this.#options.namespace));
  }

  /** Throws an ApiError (`isConflict`) when another controller was quicker; the next reconcile reads its content. */
  async #write(
    name: string,
    old: Secret | undefined,
    content: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, namespace } = this.#options;
    const secret = secretWith({ namespace, name }, old, content);
    if (old) await client.update(secrets, secret, { signal });
    else await client.create(secrets, secret, { signal }).catch(asConflict);
    this.#log("info", "certificate written", { secret: `${namespace}/${name}` });
  }
}

/** Another controller has created it meanwhile: that is no failure, but we have to look again. */
function asConflict(error: unknown): never {
  if (error instanceof ApiError && error.isAlreadyExists)
    throw new ApiError(409, { ...error.status, reason: "Conflict" });
  throw error;
}
