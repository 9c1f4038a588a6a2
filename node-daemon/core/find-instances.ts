import type { Log } from "../../api/kube/log.ts";
import type { InstanceIdentity } from "../instance/identity.ts";
import { instancePaths } from "../instance/paths.ts";
import type { Drivers } from "../steps/context.ts";
import type { KnownInstances } from "./known-instances.ts";
import { folderTooNew } from "./versions.ts";

export interface FindInstancesOptions {
  readonly drivers: Pick<Drivers, "hypervisor" | "storage" | "notes">;
  readonly stateFolder: string;
  readonly known: KnownInstances;
  readonly log: Log;
}

/** Finds all instances that have left something on the node. A broken folder does not keep others from being found. */
export async function findInstances({ drivers, stateFolder, known, log }: FindInstancesOptions): Promise<void> {
  for (const identity of await drivers.hypervisor.list()) known.add(identity);
  const found = new Map<string, Error>();
  for (const uid of await drivers.storage.list()) {
    try {
      const paths = instancePaths(stateFolder, uid);
      const kept = await drivers.notes.readInstance(paths);
      const later = folderTooNew(kept);
      if (later) found.set(uid, later);
      if (known.has(uid)) continue;
      const identity = identityIn(kept);
      if (identity) known.add(identity);
      // The daemon or the node died before the identity was on the disk. No guest has run in this folder.
      else if (!later) await drivers.storage.removeFolder(paths);
    } catch (error) {
      log("warn", "folder of an instance not looked at", { uid, error });
    }
  }
  known.leaveAlone(found);
}

/** The identity in a state folder's stored instance. */
function identityIn(value: unknown): InstanceIdentity | undefined {
  if (typeof value !== "object" || value === null || !("metadata" in value)) return undefined;
  const metadata: { namespace?: unknown; name?: unknown; uid?: unknown } = Object(value.metadata);
  const { namespace, name, uid } = metadata;
  if (typeof namespace !== "string" || typeof name !== "string" || typeof uid !== "string") return undefined;
  return { namespace, name, uid };
}
