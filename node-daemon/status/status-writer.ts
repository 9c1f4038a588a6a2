import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import type { InstanceApi } from "../drivers/instance-api.ts";
import type { InstanceIdentity } from "../instance/identity.ts";
import { eventsOf } from "./instance-events.ts";
import { type StatusFacts, statusChanges } from "./status.ts";

/** Writes statuses: one patch per change, never from an instance that is older than the last patch. */
export class StatusWriter {
  readonly #api: InstanceApi;
  /** The version of each instance that the last patch was made from, until the watch has brought a newer one. */
  readonly #writtenFrom = new Map<string, string>();

  constructor(api: InstanceApi) {
    this.#api = api;
  }

  /** Writes what has changed, and the events that tell of it; `before` is a status that nobody has written yet. */
  async write(facts: StatusFacts, before: InstanceStatus = {}): Promise<void> {
    const { instance } = facts;
    if (this.isStale(instance)) return;
    const told = { ...instance, status: { ...instance.status, ...before } };
    const changes = { ...before, ...statusChanges({ ...facts, instance: told }) };
    if (Object.keys(changes).length === 0) return;
    const { uid = "", resourceVersion = "" } = instance.metadata;
    await this.#api.patchStatus(instance, changes);
    this.#writtenFrom.set(uid, resourceVersion);
    for (const event of eventsOf(instance, changes)) this.#api.record(instance, event);
  }

  /** Whether an instance is older than what was written last: the watch will bring the newer one. */
  isStale({ metadata: { uid = "", resourceVersion = "" } }: VirtualMachineInstance): boolean {
    return this.#writtenFrom.get(uid) === resourceVersion;
  }

  /** Nothing is written about an instance any more. */
  forget({ uid }: InstanceIdentity): void {
    this.#writtenFrom.delete(uid);
  }
}
