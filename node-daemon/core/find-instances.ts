import type { Log } from "../../api/kube/log.ts";
import type { InstanceIdentity } from "../instance/identity.ts";
import { instancePaths } from "../instance/paths.ts";
import type { Drivers } from "../steps/context.ts";
import type { KnownInstances } from "./known-instances.ts";
import { laterFolder } from "./versions.ts";

export interface FindInstancesOptions {
  readonly drivers: Pick<Drivers, "hypervisor" | "storage">;
  readonly stateFolder: string;
  readonly known: KnownInstances;
  readonly log: Log;
}

/** Finds what of instances is on the node, whoever it belongs to. One folder that is odd keeps no other from being found. */
export async function findInstances({ drivers, stateFolder, known, log }: FindInstancesOptions): Promise<void> {
  for (const identity of await drivers.hypervisor.list()) known.add(identity);
  const found = new Map<string, Error>();
  for (const uid of await drivers.storage.list()) {
    try {
      const paths = instancePaths(stateFolder, uid);
      const kept = await drivers.storage.readInstance(paths);
      const later = laterFolder(kept);
      if (later) found.set(uid, later);
      if (known.has(uid)) continue;
      const identity = identityIn(kept);
      if (identity) known.add(identity);
      // The daemon or the node died before it was on the disk whose it is: no guest has run in it.
      else if (!later) await drivers.storage.removeFolder(paths);
    } catch (error) {
      log("warn", "folder of an instance not looked at", { uid, error });
    }
  }
  known.leaveAlone(found);
}

/** The identity of what a state folder says it was made from. */
function identityIn(value: unknown): InstanceIdentity | undefined {
  if (typeof value !== "object" || value === null || !("metadata" in value)) return undefined;
  const metadata: { namespace?: unknown; name?: unknown; uid?: unknown } = Object(value.metadata);
  const { namespace, name, uid } = metadata;
  if (typeof namespace !== "string" || typeof name !== "string" || typeof uid !== "string") return undefined;
  return { namespace, name, uid };
}
