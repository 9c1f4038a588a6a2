import type { KubeObject, List } from "../resources/object.ts";
import { acceptOf, apiVersionOf, pathOf, queryOf, type Resource } from "../resources/resource.ts";
import { notJson } from "./answer.ts";
import type { KubeClient } from "./client.ts";
import type { ListOptions } from "./client-options.ts";
import { ProtocolError } from "./errors.ts";
import { ItemSplitter } from "./item-splitter.ts";
import { streamed } from "./streamed.ts";

/** Milliseconds until a list must begin to come, and for which it may then stand still. */
const patience = 30_000;

/** A page of a list after its items. */
export interface PageEnd {
  readonly metadata: List<never>["metadata"];
  /** How many items there were, and the bytes of all of them. */
  readonly items: number;
  readonly bytes: number;
}

/**
 * Reads a page of a list item by item: each is given to `take` when it has come, and no longer held. Throws what
 * `KubeClient.list` does, and what `take` throws.
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
    // Items of a list do not say what they are, but for those of custom resources.
    const item: T = { ...kind, ...parsed(piece, what) };
    take(item);
  }
  const rest: Partial<List<T>> | null = parsed(splitter.rest(), what);
  const metadata = rest?.metadata;
  if (!metadata) throw new ProtocolError(`${what} is no list`);
  return { metadata, items, bytes };
}

/** What a JSON text says; the caller knows of what type that is. */
function parsed(bytes: Buffer, what: string): ReturnType<typeof JSON.parse> {
  const text = bytes.toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notJson(text, what, cause);
  }
}
