import type { KubeObject } from "../resources/object.ts";
import { acceptOf, pathOf, queryOf, type Resource } from "../resources/resource.ts";
import type { KubeClient } from "./client.ts";
import { ApiError, ProtocolError, type Status } from "./errors.ts";
import { jsonLines } from "./json-lines.ts";
import { streamed } from "./streamed.ts";

/** What a watch tells. A bookmark's object has nothing but a resourceVersion. */
export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

export interface WatchOptions {
  /** All namespaces when it is missing. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Tells what comes after it. */
  resourceVersion: string;
  /** Seconds after which the server is to end the watch; 5 to 10 minutes by default, so that load spreads. */
  timeoutSeconds?: number;
  /** Milliseconds of silence after which the connection counts as dead; the server sends a bookmark each minute. */
  stall?: number;
  /** Called when the server has opened it: from then on nothing is missed. */
  onOpen?: () => void;
  signal?: AbortSignal | undefined;
}

/** Milliseconds that the server may take to open a watch; it does that before it looks for events. */
const longestOpening = 15_000;

/** Milliseconds after which a silent watch counts as dead, unless it is told otherwise. */
export const longestSilence = 150_000;

/** Seconds after which a watch ends: not all at once. */
const anEnd = (): number => 300 + Math.ceil(Math.random() * 300);

type Line<T> = WatchEvent<T> | { type: "ERROR"; object: Status };

/**
 * One watch, from a version on until the server ends it. Throws ApiError for an error that the server tells (`isExpired`
 * when the version is too old), NetworkError when the connection breaks, TimeLimitError when it is silent for too long,
 * ProtocolError for what is no event, and the signal's reason.
 */
export async function* watch<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  { namespace, stall = longestSilence, signal, onOpen, timeoutSeconds = anEnd(), ...query }: WatchOptions,
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
