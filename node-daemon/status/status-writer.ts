import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import type { InstanceApi } from "../drivers/instance-api.ts";
import type { InstanceIdentity } from "../instance/identity.ts";
import { eventsOf } from "./instance-events.ts";
import { type StatusFacts, statusChanges } from "./status.ts";

/** Writes statuses: one patch per change, and never from an instance older than the last patch. */
export class StatusWriter {
  readonly #api: InstanceApi;
  /** The resource version that each instance's last patch was made from, until the watch brings a newer one. */
  readonly #writtenFrom = new Map<string, string>();

  constructor(api: InstanceApi) {
    this.#api = api;
  }

  /** Writes the changes, and events that report them; `before` contains status fields that nobody has written yet. */
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

  /** Whether an instance is older than the last write. The watch will bring a newer one. */
  isStale({ metadata: { uid = "", resourceVersion = "" } }: VirtualMachineInstance): boolean {
    return this.#writtenFrom.get(uid) === resourceVersion;
  }

  /** Forgets an instance after its last write. */
  forget({ uid }: InstanceIdentity): void {
    this.#writtenFrom.delete(uid);
  }
}
