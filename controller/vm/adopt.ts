import { labels } from "../../api/contract/labels.ts";
import { controlledBy } from "../../api/kube/controller/source.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instanceIdLabel } from "../../api/names.ts";
import { instances, machines } from "../../api/resources.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import { untilCached } from "../cache/until-cached.ts";
import type { MachineStage } from "./context.ts";

/** Whether a machine controls an instance. */
export function controls({ metadata: { uid } }: SlimMachine, { metadata }: SlimInstance): boolean {
  return metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) === true;
}

/**
 * Adopts an instance of this machine's name that was made for such a machine and has no controlling owner: its machine
 * was deleted without it, or restored from a backup.
 */
export const adopt: MachineStage = async ({ machine, foreignInstance, client, cache, signal }) => {
  if (!foreignInstance || machine.metadata.deletionTimestamp !== undefined || !isOrphan(foreignInstance))
    return undefined;
  const { name = "", namespace = "", resourceVersion, ownerReferences = [] } = foreignInstance.metadata;
  const patch = {
    metadata: { resourceVersion, ownerReferences: [...ownerReferences, controlledBy(machine, machines)] },
  };
  const adopted = await client.mergePatch(metadataOf(instances), { name, namespace }, patch, { signal });
  await untilCached(cache.instances.store, adopted, signal);
  return "done";
};

function isOrphan({ metadata }: SlimInstance): boolean {
  const controlled = metadata.ownerReferences?.some(({ controller }) => controller === true) === true;
  const made = metadata.labels?.[labels.machineName] === instanceIdLabel(metadata.name ?? "");
  return made && !controlled && metadata.deletionTimestamp === undefined;
}
