import type { EventText } from "../../api/kube/events.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import type { InstanceIdentity } from "../instance/identity.ts";

/** The daemon's calls to the API server, besides its watches. */
export interface InstanceApi {
  /** Whether this very instance (by its uid) still exists. */
  exists(identity: InstanceIdentity): Promise<boolean>;
  /** The pod with the name of an instance's placeholder, on any node; undefined when there is none. */
  placeholder(identity: InstanceIdentity): Promise<Pod | undefined>;
  /** Changes fields of the status. Throws when the instance has changed meanwhile. Does nothing when it is gone. */
  patchStatus(instance: VirtualMachineInstance, changes: Partial<InstanceStatus>): Promise<void>;
  /** Writes an event about an instance. Never waits, never fails. */
  record(instance: VirtualMachineInstance, event: EventText): void;
}
