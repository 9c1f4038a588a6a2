import type { KubeObject, List } from "../resources/object.ts";
import type { Resource } from "../resources/resource.ts";
import type { KubeClient } from "./client.ts";
import type { ListOptions } from "./client-options.ts";
import { ApiError } from "./errors.ts";
import { type PageEnd, readPage } from "./page.ts";

/**
 * How many objects a page has: few at first, then as many as come to `bytes`. Our own memory would take any number, as
 * there is one object at a time; the API server has all of a page at once.
 */
const pages = { first: 50, least: 10, most: 500, bytes: 8 * 1024 * 1024 } as const;

export interface ListAllOptions<T, Kept = T>
  extends Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector" | "signal"> {
  /** What is kept of an object when it has come; the next one comes after that. */
  keep: (object: T) => Kept;
}

/**
 * All objects of a selection, page by page, as of one version: the newest. When the pages expire on the way (etcd was
 * compacted), they are fetched again in one piece, so that a long list comes to an end.
 */
export async function listAll<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: Omit<ListAllOptions<T>, "keep"> = {},
): Promise<List<T>> {
  return keepAll(client, resource, { ...options, keep: (object) => object });
}

/** The same of objects of which a part is kept: they are never in memory all at once. */
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

/** How many objects the next page has, when they are as large as those of the last one. */
function sizeAfter({ items, bytes }: PageEnd): number {
  const fitting = items === 0 ? pages.first : Math.floor((pages.bytes * items) / Math.max(bytes, 1));
  return Math.max(pages.least, Math.min(pages.most, fitting));
}
