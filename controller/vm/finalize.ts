import { finalizers } from "../../api/contract/labels.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { machines } from "../../api/resources.ts";
import { runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { MachineStage } from "./context.ts";
import { hasFinalizer, statusOf, writeStatus } from "./status.ts";
import { deleteInstance } from "./stop.ts";

/** The finalizer of a deletion that keeps the instance (`--cascade=orphan`). */
const orphan = "orphan";

/** Removes the finalizer of a deleted machine when its instance is gone. */
export const finalize: MachineStage = async (context) => {
  const { machine, instance, client, signal } = context;
  const { name = "", namespace = "", resourceVersion, deletionTimestamp, finalizers: held = [] } = machine.metadata;
  if (deletionTimestamp === undefined) return undefined;
  if (instance && !held.includes(orphan)) {
    if (instance.metadata.deletionTimestamp === undefined) await deleteInstance(context, instance);
    const { stateChangeRequests: requests = [], startFailure } = machine.status ?? {};
    const inForce = runStrategyOf(machine.spec);
    await writeStatus(context, statusOf(context, { decision: { action: "none" }, requests, startFailure, inForce }));
    return "done";
  }
  if (hasFinalizer(context)) {
    const rest = held.filter((finalizer) => finalizer !== finalizers.machine);
    const patch = { metadata: { resourceVersion, finalizers: rest } };
    await client.mergePatch(metadataOf(machines), { name, namespace }, patch, { signal });
  }
  return "done";
};
