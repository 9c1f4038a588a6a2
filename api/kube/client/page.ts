import type { KubeObject, List } from "../resources/object.ts";
import { acceptOf, apiVersionOf, pathOf, queryOf, type Resource } from "../resources/resource.ts";
import { notJson } from "./answer.ts";
import type { KubeClient } from "./client.ts";
import type { ListOptions } from "./client-options.ts";
import { ProtocolError } from "./errors.ts";
import { ItemSplitter } from "./item-splitter.ts";
import { streamed } from "./streamed.ts";

/** Milliseconds until a list must begin to arrive, and for which it may then pause. */
const patience = 30_000;

/** The rest of a page, after its items. */
export interface PageEnd {
  readonly metadata: List<never>["metadata"];
  /** The number of items, and their bytes in total. */
  readonly items: number;
  readonly bytes: number;
}

/**
 * Reads a page of a list item by item. It passes each item to `take` when it arrives, and does not keep it. Throws like
 * `KubeClient.list`, and the errors of `take`.
 */
export async function readPage<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  { signal, timeLimit: _timeLimit, namespace, ...query }: ListOptions,
  take: (item: T) => void,
): Promise<PageEnd> {
  const path = pathOf(resource, { namespace }) + queryOf(query);
  const what = `the answer to GET ${path}`;
  const headers = { accept: acceptOf(resource, { list: true }) };
  const answer = await client.stream(path, { signal, timeLimit: patience, headers });
  const splitter = new ItemSplitter();
  const pieces = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) yield* splitter.push(chunk);
  };
  const kind = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  let [items, bytes] = [0, 0];
  for await (const piece of streamed(answer, pieces, { what, stall: patience, signal })) {
    items += 1;
    bytes += piece.length;
    // The API server leaves out kind and apiVersion of list items, except those of custom resources.
    const item: T = { ...kind, ...parsed(piece, what) };
    take(item);
  }
  const rest: Partial<List<T>> | null = parsed(splitter.rest(), what);
  const metadata = rest?.metadata;
  if (!metadata) throw new ProtocolError(`${what} is no list`);
  return { metadata, items, bytes };
}

/** Parses JSON; the caller knows the type of the value. */
function parsed(bytes: Buffer, what: string): ReturnType<typeof JSON.parse> {
  const text = bytes.toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notJson(text, what, cause);
  }
}
