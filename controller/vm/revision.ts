import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { controlledBy } from "../../api/kube/controller/source.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import { controllerRevisions, revisionName } from "../../api/revision.ts";

/**
 * Keeps what a machine is, before an instance is made of it: KubeVirt's clients, those for backups among them, look there for
 * what runs when the machine has changed. One that is there already, of an instance at the same generation, is as good.
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
