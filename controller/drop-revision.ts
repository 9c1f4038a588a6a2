import type { KubeClient } from "../api/kube/client/client.ts";
import { ApiError } from "../api/kube/client/errors.ts";
import { controllerRevisions, revisionOf } from "../api/revision.ts";
import type { SlimMetadata } from "./cache/slim-metadata.ts";

/** Deletes the machine's revision that an instance was made from. Does nothing when it is gone. */
export async function dropRevision(
  client: KubeClient,
  { metadata }: { readonly metadata: SlimMetadata },
  signal: AbortSignal | undefined,
): Promise<void> {
  // Not from the status: a writer of the status could make us delete any other revision.
  const name = revisionOf(metadata);
  if (name === undefined) return;
  try {
    await client.delete(controllerRevisions, { name, namespace: metadata.namespace ?? "" }, { signal });
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
}
