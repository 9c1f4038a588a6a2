import type { EventText } from "../../api/kube/events.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import type { InstanceIdentity } from "../instance/identity.ts";

/** What the daemon asks and tells the API server besides what it watches. */
export interface InstanceApi {
  /** Whether this very instance (by its uid) is still there. */
  exists(identity: InstanceIdentity): Promise<boolean>;
  /** The pod in the place of an instance's placeholder, wherever it is; undefined when there is none. */
  placeholder(identity: InstanceIdentity): Promise<Pod | undefined>;
  /** Changes fields of the status. Throws when the instance has changed meanwhile; nothing happens when it is gone. */
  patchStatus(instance: VirtualMachineInstance, changes: Partial<InstanceStatus>): Promise<void>;
  /** Writes an event about an instance; never waits, never fails. */
  record(instance: VirtualMachineInstance, event: EventText): void;
}
