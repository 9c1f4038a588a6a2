import type { KubeObject } from "../resources/object.ts";
import { acceptOf, pathOf, queryOf, type Resource } from "../resources/resource.ts";
import type { KubeClient } from "./client.ts";
import { ApiError, ProtocolError, type Status } from "./errors.ts";
import { jsonLines } from "./json-lines.ts";
import { streamed } from "./streamed.ts";

/** An event of a watch. A bookmark's object has only a resourceVersion. */
export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

export interface WatchOptions {
  /** Without it, all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** The watch begins after this version. */
  resourceVersion: string;
  /** Seconds after which the server ends the watch; by default 5 to 10 minutes, so that load spreads. */
  timeoutSeconds?: number;
  /** Milliseconds of silence after which the connection counts as dead; the server sends a bookmark each minute. */
  stall?: number;
  /** Called when the server has opened the watch: from then on no change is missed. */
  onOpen?: () => void;
  signal?: AbortSignal | undefined;
}

/** Milliseconds that the server may take to open a watch; it opens the watch before it looks for events. */
const longestOpening = 15_000;

/** Milliseconds after which a silent watch counts as dead, by default. */
export const longestSilence = 150_000;

/** Seconds after which a watch ends; random, so that watches do not end all at once. */
const randomTimeout = (): number => 300 + Math.ceil(Math.random() * 300);

type Line<T> = WatchEvent<T> | { type: "ERROR"; object: Status };

/**
 * Yields the events of one watch, from a version on until the server ends it. Throws ApiError for an error event of the
 * server (`isExpired` when the version is too old), NetworkError when the connection breaks, TimeLimitError when it is
 * silent for too long, ProtocolError for an invalid event, and the signal's reason.
 */
export async function* watch<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  { namespace, stall = longestSilence, signal, onOpen, timeoutSeconds = randomTimeout(), ...query }: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  const path =
    pathOf(resource, { namespace }) + queryOf({ watch: true, allowWatchBookmarks: true, timeoutSeconds, ...query });
  const timeLimit = Math.min(stall, longestOpening);
  const answer = await client.stream(path, { signal, timeLimit, headers: { accept: acceptOf(resource) } });
  onOpen?.();
  const what = `watch ${path}`;
  const events = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent<T>> {
    for await (const event of jsonLines<Line<T>>(chunks)) {
      if (!event?.object) throw new ProtocolError(`${what}: an event without object`);
      if (event.type === "ERROR") throw new ApiError(event.object.code ?? 500, event.object);
      yield event;
    }
  };
  yield* streamed(answer, events, { what, stall, signal });
}
