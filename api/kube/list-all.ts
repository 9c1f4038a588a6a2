import type { KubeClient, ListOptions } from "./client.ts";
import { ApiError } from "./errors.ts";
import type { KubeObject, List } from "./object.ts";
import type { Resource } from "./resource.ts";

/** How many objects a page has. */
const pageSize = 500;

/**
 * All objects of a selection, page by page, as of one version: the newest. When the pages expire on the way (etcd was
 * compacted), they are fetched again in one piece, so that a long list comes to an end.
 */
export async function listAll<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector" | "signal"> = {},
): Promise<List<T>> {
  const list = await client.list(resource, { ...options, limit: pageSize });
  const { items } = list;
  try {
    for (let next = list.metadata.continue; next; ) {
      const page = await client.list(resource, { ...options, limit: pageSize, continue: next });
      for (const item of page.items) items.push(item);
      next = page.metadata.continue;
    }
  } catch (error) {
    if (error instanceof ApiError && error.isExpired) return client.list(resource, options);
    throw error;
  }
  return list;
}
