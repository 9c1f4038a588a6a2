import { annotations } from "../../api/contract/labels.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { withCauses } from "../error-text.ts";
import { gone } from "../wait/gone.ts";

/** Milliseconds for all that is done with the machine at the end. */
const endTime = 60_000;

/** Leaves the machine in the cluster, without an expiry. */
export async function keep(cli: Cli, client: KubeClient, { metadata }: VirtualMachine): Promise<void> {
  const { name = "", namespace = client.namespace } = metadata;
  const signal = AbortSignal.timeout(endTime);
  try {
    const found = await client.get(machines, { name, namespace }, { signal });
    if (!isSameRun(found, metadata)) return;
    const noExpiry = { [annotations.expireAfter]: null, [annotations.renewed]: null };
    const patch = { metadata: { uid: found.metadata.uid, annotations: noExpiry } };
    await client.mergePatch(machines, { name, namespace }, patch, { signal });
    cli.say(`${name} is kept; "kubectl virt delete ${name}" deletes it`);
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return;
    cli.say(`Warning: ${name} expires: ${withCauses(error)}`);
  }
}

/** Whether a machine is this run's. If ours was refused because of its name, the one of this name is somebody else's. */
function isSameRun(found: VirtualMachine, ours: VirtualMachine["metadata"]): boolean {
  return found.metadata.annotations?.[annotations.run] === ours.annotations?.[annotations.run];
}

/** Deletes the machine without the guest's consent, and waits until it is gone, also after an interruption. */
export async function remove(cli: Cli, client: KubeClient, { metadata }: VirtualMachine): Promise<void> {
  const { name = "", namespace = client.namespace } = metadata;
  const signal = AbortSignal.timeout(endTime);
  try {
    const found = await client.get(machines, { name, namespace }, { signal });
    if (!isSameRun(found, metadata)) return;
    const { uid } = found.metadata;
    await client.delete(
      machines,
      { name, namespace },
      { signal, propagationPolicy: "Foreground", ...(uid ? { preconditions: { uid } } : {}) },
    );
    await gone(client, { kind: "VirtualMachine", name, namespace, uid }, signal);
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return;
    cli.say(`Warning: ${name} is left to its expiry: ${withCauses(error)}`);
  }
}
