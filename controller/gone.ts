import type { KubeClient } from "../api/kube/client/client.ts";
import { ApiError } from "../api/kube/client/errors.ts";
import { unlessGone } from "../api/kube/client/unless-gone.ts";
import type { KubeObject } from "../api/kube/resources/object.ts";
import type { Resource } from "../api/kube/resources/resource.ts";
import { metadataOf } from "../api/kube/resources/resource.ts";

/**
 * Whether a reconcile failed because its object is gone: the API server answered 404, and it has no object of this UID any
 * more. Other things that a reconcile needs (a namespace, a claim, a definition) may be missing too, and that is a failure.
 */
export async function failedAsGone<T extends KubeObject>(
  error: unknown,
  client: Pick<KubeClient, "get">,
  resource: Resource<T>,
  {
    name = "",
    namespace,
    uid,
  }: { name?: string | undefined; namespace?: string | undefined; uid?: string | undefined },
  signal: AbortSignal,
): Promise<boolean> {
  if (!(error instanceof ApiError) || !error.isNotFound) return false;
  const found = await unlessGone(client.get(metadataOf(resource), { name, namespace }, { signal }));
  return found?.metadata?.uid !== uid;
}
