import { labels } from "../../api/contract/labels.ts";
import { controlledBy } from "../../api/kube/controller/source.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instanceIdLabel } from "../../api/names.ts";
import { instances, machines } from "../../api/resources.ts";
import type { InstanceInShort } from "../cache/slim-instance.ts";
import type { MachineInShort } from "../cache/slim-machine.ts";
import { seen } from "../cache/until-cached.ts";
import type { MachineStage } from "./context.ts";

/** Whether a machine controls an instance. */
export function controls({ metadata: { uid } }: MachineInShort, { metadata }: InstanceInShort): boolean {
  return metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) === true;
}

/**
 * Takes back an instance that was made for a machine of this name and that nobody controls: its machine was deleted
 * without it, or restored from a backup.
 */
export const adopt: MachineStage = async ({ machine, stranger, client, world, signal }) => {
  if (!stranger || machine.metadata.deletionTimestamp !== undefined || !isOrphan(stranger)) return undefined;
  const { name = "", namespace = "", resourceVersion, ownerReferences = [] } = stranger.metadata;
  const patch = {
    metadata: { resourceVersion, ownerReferences: [...ownerReferences, controlledBy(machine, machines)] },
  };
  const adopted = await client.mergePatch(metadataOf(instances), { name, namespace }, patch, { signal });
  await seen(world.instances.store, adopted, signal);
  return "done";
};

function isOrphan({ metadata }: InstanceInShort): boolean {
  const controlled = metadata.ownerReferences?.some(({ controller }) => controller === true) === true;
  const made = metadata.labels?.[labels.machineName] === instanceIdLabel(metadata.name ?? "");
  return made && !controlled && metadata.deletionTimestamp === undefined;
}
