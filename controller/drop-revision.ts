import type { KubeClient } from "../api/kube/client/client.ts";
import { ApiError } from "../api/kube/client/errors.ts";
import { controllerRevisions, revisionOf } from "../api/revision.ts";
import type { SlimMetadata } from "./cache/slim-metadata.ts";

/** Deletes what is kept of the machine that an instance was made of, and that goes with it. Nothing happens when it is gone. */
export async function dropRevision(
  client: KubeClient,
  { metadata }: { readonly metadata: SlimMetadata },
  signal: AbortSignal | undefined,
): Promise<void> {
  // Not what the status says: whoever writes that could have any other revision deleted.
  const name = revisionOf(metadata);
  if (name === undefined) return;
  try {
    await client.delete(controllerRevisions, { name, namespace: metadata.namespace ?? "" }, { signal });
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
}
