import { finalizers } from "../../api/contract/labels.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances, machines } from "../../api/resources.ts";
import { untilCached } from "../cache/until-cached.ts";
import { objectChanged } from "../cache/whole-reader.ts";
import type { MachineContext } from "./context.ts";
import { instanceOf } from "./instance.ts";
import { keepRevision } from "./revision.ts";
import { hasFinalizer } from "./status.ts";

/**
 * Makes a machine's instance. Before that, it adds the finalizer that keeps the machine until its instance is gone;
 * most machines are made with it (`deploy/objects/machine-finalizer.ts`). Resolves to whether it made the instance. If
 * an instance of the name exists, or the machine has changed, the next reconcile deals with that.
 */
export async function start(context: MachineContext, paused: boolean): Promise<boolean> {
  const { client, cache, events, machine, withWhole, signal } = context;
  const version = hasFinalizer(context) ? machine.metadata.resourceVersion : await hold(context);
  try {
    const created = await withWhole(async (whole) => {
      await keepRevision(client, whole, signal);
      return client.create(metadataOf(instances), instanceOf(whole, { paused }), { signal });
    }, version);
    if (created === objectChanged) return false;
    events.started(machine);
    await untilCached(cache.instances.store, created, signal);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.isAlreadyExists) return false;
    throw error;
  }
}

/** Adds the finalizer. Resolves to the machine's version after that. */
async function hold({ client, cache, machine, signal }: MachineContext): Promise<string | undefined> {
  const { name = "", namespace = "", resourceVersion, finalizers: held = [] } = machine.metadata;
  const patch = { metadata: { resourceVersion, finalizers: [...held, finalizers.machine] } };
  const written = await client.mergePatch(metadataOf(machines), { name, namespace }, patch, { signal });
  await untilCached(cache.machines.store, written, signal);
  return written.metadata?.resourceVersion;
}

/** Switches on a halted machine with a request to start. The request stays: it may also ask for a paused guest. */
export async function turnOn({ client, machine, signal }: MachineContext): Promise<void> {
  const { name = "", namespace = "", resourceVersion } = machine.metadata;
  const spec = machine.spec.runStrategy === undefined ? { running: true } : { runStrategy: "Always" };
  await client.mergePatch(
    metadataOf(machines),
    { name, namespace },
    { metadata: { resourceVersion }, spec },
    { signal },
  );
}
