import { EventEmitter, once } from "node:events";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceIdentity } from "../instance/identity.ts";
import type { InstancePaths } from "../instance/paths.ts";

/** An instance that has a domain on this node now. */
export interface LocalInstance {
  readonly identity: InstanceIdentity;
  readonly instance: VirtualMachineInstance;
  readonly paths: InstancePaths;
  /** `Running` as soon as the guest runs, which is before the API server has it. */
  readonly phase: "Scheduled" | "Running";
  readonly paused: boolean;
  /** The pod's main address, once the kubelet has reported it to the API server. */
  readonly address: string | undefined;
  /** A process in the pod's network, once there is one. */
  readonly process: number | undefined;
}

/** The instances on this node now, for the server: a cache of the last reconcile's view of each instance. */
export class LocalInstances {
  readonly #entries = new Map<string, LocalInstance>();
  readonly #changes = new EventEmitter().setMaxListeners(0);

  find(namespace: string, name: string): LocalInstance | undefined {
    return this.#entries.get(`${namespace}/${name}`);
  }

  set(entry: LocalInstance): void {
    const { namespace, name } = entry.identity;
    this.#entries.set(`${namespace}/${name}`, entry);
    this.#changes.emit(`${namespace}/${name}`);
  }

  /** The address of an instance, as soon as there is one; undefined when the signal is aborted first. */
  async address(namespace: string, name: string, signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      const address = this.find(namespace, name)?.address;
      if (address !== undefined || signal.aborted) return address;
      await once(this.#changes, `${namespace}/${name}`, { signal }).catch(() => {});
    }
  }

  /** Removes an instance, unless the cache has a newer one of the same name. */
  remove({ namespace, name, uid }: InstanceIdentity): void {
    if (this.find(namespace, name)?.identity.uid === uid) this.#entries.delete(`${namespace}/${name}`);
  }

  entries(): LocalInstance[] {
    return [...this.#entries.values()];
  }

  get size(): number {
    return this.#entries.size;
  }
}
