import { ApiError } from "../../api/kube/client/errors.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances } from "../../api/resources.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import { untilCached } from "../cache/until-cached.ts";
import { dropRevision } from "../drop-revision.ts";
import type { MachineContext } from "./context.ts";

/** Deletes a machine's instance, and no other one of its name. One that is gone already is as good. */
export async function deleteInstance(
  { client, cache, machine, events, signal }: MachineContext,
  instance: SlimInstance,
): Promise<void> {
  const { name = "", namespace = "", uid } = instance.metadata;
  const preconditions = uid === undefined ? {} : { preconditions: { uid } };
  try {
    const left = await client.delete(metadataOf(instances), { name, namespace }, { ...preconditions, signal });
    events.stopped(machine, instance);
    // One that is held by its finalizer; else it would be deleted again from what was seen before.
    if (left.kind !== "Status") await untilCached(cache.instances.store, left, signal);
    // Who lets go of the finalizer drops it then.
    else await dropRevision(client, instance, signal);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // A conflict: there is another one of its name by now.
    if (error.isNotFound || error.isConflict) return;
    events.notStopped(machine, error.message);
    throw error;
  }
}
