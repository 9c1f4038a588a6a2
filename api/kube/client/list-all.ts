import type { KubeObject, List } from "../resources/object.ts";
import type { Resource } from "../resources/resource.ts";
import type { KubeClient } from "./client.ts";
import type { ListOptions } from "./client-options.ts";
import { ApiError } from "./errors.ts";
import { type PageEnd, readPage } from "./page.ts";

/**
 * The number of objects in a page: few at first, then as many as fit into `bytes`. Our memory allows any number, since
 * we hold one object at a time; but the API server holds a whole page at once.
 */
const pages = { first: 50, least: 10, most: 500, bytes: 8 * 1024 * 1024 } as const;

export interface ListAllOptions<T, Kept = T>
  extends Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector" | "signal"> {
  /** Returns the part of an arrived object to keep; it is called before the next object comes. */
  keep: (object: T) => Kept;
}

/**
 * Lists all objects of a selection, page by page, all of the same version: the newest. If the pages expire meanwhile
 * (etcd was compacted), it fetches the list again in one piece, so that a long list comes to an end.
 */
export async function listAll<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: Omit<ListAllOptions<T>, "keep"> = {},
): Promise<List<T>> {
  return keepAll(client, resource, { ...options, keep: (object) => object });
}

/** As `listAll`, but keeps only a part of each object: the whole objects are never all in memory at once. */
export async function keepAll<T extends KubeObject, Kept>(
  client: KubeClient,
  resource: Resource<T>,
  { keep, ...selection }: ListAllOptions<T, Kept>,
): Promise<List<Kept>> {
  const read = async (items: Kept[], page: Pick<ListOptions, "limit" | "continue">): Promise<PageEnd> =>
    readPage(client, resource, { ...selection, ...page }, (object) => items.push(keep(object)));
  try {
    const items: Kept[] = [];
    let page = await read(items, { limit: pages.first });
    for (let next = page.metadata.continue; next; next = page.metadata.continue) {
      page = await read(items, { limit: sizeAfter(page), continue: next });
    }
    return { metadata: page.metadata, items };
  } catch (error) {
    if (!(error instanceof ApiError && error.isExpired)) throw error;
    const items: Kept[] = [];
    const { metadata } = await read(items, {});
    return { metadata, items };
  }
}

/** The number of objects in the next page, assuming the size of the last page's objects. */
function sizeAfter({ items, bytes }: PageEnd): number {
  const fitting = items === 0 ? pages.first : Math.floor((pages.bytes * items) / Math.max(bytes, 1));
  return Math.max(pages.least, Math.min(pages.most, fitting));
}
