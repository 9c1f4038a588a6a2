import { randomBytes } from "node:crypto";
import type { CoreV1Event } from "@kubernetes/client-node";
import type { KubeClient } from "./client/client.ts";
import { ApiError } from "./client/errors.ts";
import { TokenBucket, type TokenBucketOptions } from "./client/token-bucket.ts";
import type { Wire } from "./client/wire.ts";
import { LruMap } from "./controller/lru.ts";
import { type Log, noLog } from "./log.ts";
import type { KubeObject } from "./resources/object.ts";
import type { Resource } from "./resources/resource.ts";
import { time } from "./time.ts";

/** Core `v1` Event. */
export type Event = Wire<CoreV1Event>;

export const events: Resource<Event> = { group: "", version: "v1", plural: "events", kind: "Event", namespaced: true };

export interface EventRecorderOptions {
  /** The reporting program: `virt-controller`. */
  component: string;
  /** The instance of the program: the pod's or the node's name. */
  instance?: string;
  /** Milliseconds between two writes of a repeated event; 30 s by default. */
  repeatEvery?: number;
  /** The most different events of one object; 25 and then one in five minutes by default. */
  perObject?: TokenBucketOptions;
  log?: Log;
}

/** The text of an event. */
export interface EventText {
  type: "Normal" | "Warning";
  /** One word in UpperCamelCase, for programs. */
  reason: string;
  /** A sentence for people. */
  message: string;
}

/** Milliseconds after which the same event counts as a new one. */
const memory = 600_000;

/** The API server's limit for a message, in bytes. */
const longestMessage = 1024;

/** The most event writes at once; more events are dropped. */
const mostInFlight = 100;

/**
 * Writes the events that `kubectl describe` shows below an object. Recording never waits and never fails: an event that
 * cannot be written is dropped and logged. A repeated event counts up the first one, in few writes.
 *
 * The events are core `v1` Events: `kubectl get events` sorts and counts by `lastTimestamp` and `count`, which events
 * of `events.k8s.io/v1` leave empty.
 */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #options: EventRecorderOptions;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #series = new LruMap<Series>(2048);
  readonly #buckets = new LruMap<TokenBucket>(2048);
  readonly #waiting = new Map<Series, NodeJS.Timeout>();
  readonly #writing = new Set<Promise<void>>();

  /** @param signal stops the recorder: waiting counts are then not written; call `flush` before if they matter */
  constructor(client: KubeClient, options: EventRecorderOptions, signal: AbortSignal) {
    this.#client = client;
    this.#options = options;
    this.#log = options.log ?? noLog;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  /** Records an event about an object; the object needs kind, name and uid. */
  record(object: KubeObject, { type, reason, message }: EventText): void {
    // Clipped before it is kept: an API server that refuses an object may list all of it.
    const text = { type, reason, message: shortened(message) };
    const { uid, namespace, name } = object.metadata ?? {};
    const about = uid ?? `${object.kind}/${namespace}/${name}`;
    const id = [about, text.type, text.reason, text.message].join("\0");
    const now = new Date();
    let series = this.#series.getOrMake(id, () => newSeries(object, text, now));
    if (now.getTime() - series.last.getTime() > memory) {
      this.#series.delete(id);
      series = this.#series.getOrMake(id, () => newSeries(object, text, now));
    }
    series.count += 1;
    series.last = now;
    if (series.count > 1) return this.#later(series);
    const bucket = this.#buckets.getOrMake(
      about,
      () => new TokenBucket(this.#options.perObject ?? { burst: 25, refill: 300_000 }),
    );
    if (bucket.take() && this.#writing.size < mostInFlight) return this.#start(series);
    this.#series.delete(id);
    this.#log("warn", "event dropped, there are too many", { event: text, object: about });
  }

  /** Writes the waiting counts, and resolves when all writes have ended. */
  async flush(): Promise<void> {
    // An event that was counted during its own write waits again afterwards.
    while (this.#waiting.size + this.#writing.size > 0) {
      const waiting = [...this.#waiting.keys()];
      this.#stop();
      for (const series of waiting) this.#start(series);
      await Promise.all(this.#writing);
    }
  }

  #stop(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #later(series: Series): void {
    if (series.writing || this.#waiting.has(series) || this.#signal.aborted) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(series);
      this.#start(series);
    }, this.#options.repeatEvery ?? 30_000);
    // A waiting count should not keep the process alive.
    timer.unref();
    this.#waiting.set(series, timer);
  }

  #start(series: Series): void {
    series.writing = true;
    const { count } = series;
    const written = this.#write(series)
      .catch((error: unknown) => {
        this.#log("warn", "event not written", { error, event: series.text });
      })
      .finally(() => {
        series.writing = false;
        this.#writing.delete(written);
        if (series.count > count) this.#later(series);
      });
    this.#writing.add(written);
  }

  async #write(series: Series): Promise<void> {
    const { count, last, written } = series;
    if (written) {
      try {
        const patch = { count, lastTimestamp: time(last) };
        await this.#client.mergePatch(events, written, patch);
        return;
      } catch (error) {
        // The server deletes events after an hour.
        if (!(error instanceof ApiError) || !error.isNotFound) throw error;
      }
    }
    const event = this.#event(series);
    await this.#client.create(events, event);
    series.written = { name: event.metadata.name ?? "", namespace: event.metadata.namespace ?? "" };
  }

  #event({ object, text, count, first, last }: Series): Event {
    const { name = "", namespace, uid, resourceVersion } = object.metadata ?? {};
    const { component, instance } = this.#options;
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        name: `${name.slice(0, 230)}.${randomBytes(8).toString("hex")}`,
        // Events about objects without a namespace belong there.
        namespace: namespace ?? "default",
      },
      involvedObject: {
        ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
        ...(object.kind === undefined ? {} : { kind: object.kind }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        name,
      },
      type: text.type,
      reason: text.reason,
      message: text.message,
      count,
      firstTimestamp: time(first),
      lastTimestamp: time(last),
      source: { component, ...(instance === undefined ? {} : { host: instance }) },
      reportingComponent: component,
      reportingInstance: instance ?? component,
    };
  }
}

/** One event and its repetitions. */
interface Series {
  object: KubeObject;
  text: EventText;
  count: number;
  first: Date;
  last: Date;
  writing: boolean;
  /** The Event object, once it exists. */
  written?: { name: string; namespace: string };
}

function newSeries({ apiVersion, kind, metadata }: KubeObject, text: EventText, now: Date): Series {
  // Not the object itself, which may be large and would stay in memory for long.
  const { name, namespace, uid, resourceVersion } = metadata ?? {};
  const about = Object.fromEntries(
    Object.entries({ name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined),
  );
  const object = { ...(apiVersion ? { apiVersion } : {}), ...(kind ? { kind } : {}), metadata: about };
  return { object, text, count: 0, first: now, last: now, writing: false };
}

function shortened(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= longestMessage) return message;
  // A cut character leaves one replacement character.
  return `${bytes
    .subarray(0, longestMessage - 6)
    .toString("utf8")
    .replace(/\uFFFD$/, "")}…`;
}
