import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { controlledBy } from "../../api/kube/controller/source.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import { controllerRevisions, revisionName } from "../../api/revision.ts";

/**
 * Stores a machine's spec as a revision before an instance is made from it. KubeVirt's clients, such as backup tools,
 * read there what runs after the machine has changed. An existing revision of the same generation is fine.
 */
export async function keepRevision(
  client: KubeClient,
  machine: VirtualMachine,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { namespace = "", uid = "", generation = 0 } = machine.metadata;
  const revision = {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: revisionName(uid, generation),
      namespace,
      ownerReferences: [controlledBy(machine, machines)],
    },
    data: { spec: machine.spec },
    revision: generation,
  };
  try {
    await client.create(controllerRevisions, revision, { signal });
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isAlreadyExists) throw error;
  }
}
