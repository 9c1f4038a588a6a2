import type { Log } from "../api/kube/log.ts";
import type { InstanceIdentity } from "./instance.ts";
import type { KnownInstances } from "./known-instances.ts";
import { instancePaths } from "./paths.ts";
import type { Ports } from "./steps/context.ts";

export interface LookAroundOptions {
  readonly ports: Pick<Ports, "hypervisor" | "storage">;
  readonly stateFolder: string;
  readonly known: KnownInstances;
  readonly log: Log;
}

/** Finds what of instances is on the node, whoever it belongs to. One folder that is odd keeps no other from being found. */
export async function lookAround({ ports, stateFolder, known, log }: LookAroundOptions): Promise<void> {
  for (const identity of await ports.hypervisor.list()) known.add(identity);
  for (const uid of await ports.storage.list()) {
    if (known.has(uid)) continue;
    try {
      const paths = instancePaths(stateFolder, uid);
      const identity = identityIn(await ports.storage.readInstance(paths));
      if (identity) known.add(identity);
      // The daemon or the node died before it was on the disk whose it is: no guest has run in it.
      else await ports.storage.removeFolder(paths);
    } catch (error) {
      log("warn", "folder of an instance not looked at", { uid, error });
    }
  }
}

/** The identity of what a state folder says it was made from. */
function identityIn(value: unknown): InstanceIdentity | undefined {
  if (typeof value !== "object" || value === null || !("metadata" in value)) return undefined;
  const metadata: { namespace?: unknown; name?: unknown; uid?: unknown } = Object(value.metadata);
  const { namespace, name, uid } = metadata;
  if (typeof namespace !== "string" || typeof name !== "string" || typeof uid !== "string") return undefined;
  return { namespace, name, uid };
}
