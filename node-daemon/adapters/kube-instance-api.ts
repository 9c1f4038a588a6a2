import type { KubeClient } from "../../api/kube/client.ts";
import { ApiError } from "../../api/kube/errors.ts";
import type { EventRecorder, EventText } from "../../api/kube/events.ts";
import { apiVersionOf } from "../../api/kube/resource.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import type { InstanceIdentity } from "../instance.ts";
import type { InstanceApi } from "../ports.ts";

/** The API server, as far as instances go. */
export class KubeInstanceApi implements InstanceApi {
  readonly #client: KubeClient;
  readonly #events: EventRecorder;

  constructor(client: KubeClient, events: EventRecorder) {
    this.#client = client;
    this.#events = events;
  }

  async exists({ namespace, name, uid }: InstanceIdentity): Promise<boolean> {
    try {
      return (await this.#client.get(instances, { namespace, name })).metadata.uid === uid;
    } catch (error) {
      if (error instanceof ApiError && error.isNotFound) return false;
      throw error;
    }
  }

  async patchStatus({ metadata }: VirtualMachineInstance, changes: Partial<InstanceStatus>): Promise<void> {
    const { namespace = "", name = "", uid, resourceVersion } = metadata;
    const patch = { metadata: { uid, resourceVersion }, status: changes };
    try {
      await this.#client.mergePatch(instances, { namespace, name }, patch, { subresource: "status" });
    } catch (error) {
      if (!(error instanceof ApiError && error.isNotFound)) throw error;
    }
  }

  record({ metadata }: VirtualMachineInstance, event: EventText): void {
    this.#events.record(
      { apiVersion: apiVersionOf(instances), kind: instances.kind, metadata: wireMetadata(metadata) },
      event,
    );
  }
}

/** An event needs to know no more of its object. */
function wireMetadata({
  name,
  namespace,
  uid,
  resourceVersion,
}: VirtualMachineInstance["metadata"]): Record<string, string> {
  const known = Object.entries({ name, namespace, uid, resourceVersion });
  return Object.fromEntries(known.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
