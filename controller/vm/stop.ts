import { ApiError } from "../../api/kube/client/errors.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances } from "../../api/resources.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import { untilCached } from "../cache/until-cached.ts";
import { dropRevision } from "../drop-revision.ts";
import type { MachineContext } from "./context.ts";

/** Deletes a machine's instance, but no other instance of the same name. Does nothing if it is gone already. */
export async function deleteInstance(
  { client, cache, machine, events, signal }: MachineContext,
  instance: SlimInstance,
): Promise<void> {
  const { name = "", namespace = "", uid } = instance.metadata;
  const preconditions = uid === undefined ? {} : { preconditions: { uid } };
  try {
    const left = await client.delete(metadataOf(instances), { name, namespace }, { ...preconditions, signal });
    events.stopped(machine, instance);
    // A finalizer keeps the instance. Without the wait the next reconcile would delete it again (outdated cache).
    if (left.kind !== "Status") await untilCached(cache.instances.store, left, signal);
    // Otherwise the program that removes the finalizer drops the revision.
    else await dropRevision(client, instance, signal);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // A conflict means that there is another instance of its name by now.
    if (error.isNotFound || error.isConflict) return;
    events.notStopped(machine, error.message);
    throw error;
  }
}
