import { isOfInstance, placeholderName } from "../../../api/contract/placeholder.ts";
import type { KubeClient } from "../../../api/kube/client/client.ts";
import { unlessGone } from "../../../api/kube/client/unless-gone.ts";
import type { EventRecorder, EventText } from "../../../api/kube/events.ts";
import { type Pod, pods } from "../../../api/kube/resources/core-resources.ts";
import { apiVersionOf } from "../../../api/kube/resources/resource.ts";
import { instances, type VirtualMachineInstance } from "../../../api/resources.ts";
import type { InstanceStatus } from "../../../api/schema/instance-status.ts";
import type { InstanceApi } from "../../drivers/instance-api.ts";
import type { InstanceIdentity } from "../../instance/identity.ts";

/** The part of the API server's API that concerns instances. */
export class KubeInstanceApi implements InstanceApi {
  readonly #client: KubeClient;
  readonly #events: EventRecorder;

  constructor(client: KubeClient, events: EventRecorder) {
    this.#client = client;
    this.#events = events;
  }

  async exists({ namespace, name, uid }: InstanceIdentity): Promise<boolean> {
    return (await unlessGone(this.#client.get(instances, { namespace, name })))?.metadata.uid === uid;
  }

  async placeholder(identity: InstanceIdentity): Promise<Pod | undefined> {
    const { namespace } = identity;
    const pod = await unlessGone(this.#client.get(pods, { namespace, name: placeholderName(identity) }));
    return pod && isOfInstance(pod, identity) ? pod : undefined;
  }

  async patchStatus({ metadata }: VirtualMachineInstance, changes: Partial<InstanceStatus>): Promise<void> {
    const { namespace = "", name = "", uid, resourceVersion } = metadata;
    const patch = { metadata: { uid, resourceVersion }, status: changes };
    await unlessGone(this.#client.mergePatch(instances, { namespace, name }, patch, { subresource: "status" }));
  }

  record({ metadata }: VirtualMachineInstance, event: EventText): void {
    this.#events.record(
      { apiVersion: apiVersionOf(instances), kind: instances.kind, metadata: wireMetadata(metadata) },
      event,
    );
  }
}

/** The fields of an object's metadata that an event needs. */
function wireMetadata({
  name,
  namespace,
  uid,
  resourceVersion,
}: VirtualMachineInstance["metadata"]): Record<string, string> {
  const known = Object.entries({ name, namespace, uid, resourceVersion });
  return Object.fromEntries(known.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
