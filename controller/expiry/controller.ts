import type { Expiry } from "../../api/contract/expiry.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { Controller, type ControllerMetrics, type Outcome } from "../../api/kube/controller/controller.ts";
import type { Watching } from "../../api/kube/controller/reflector.ts";
import { mapped } from "../../api/kube/controller/source.ts";
import type { EventRecorder } from "../../api/kube/events.ts";
import type { Log } from "../../api/kube/log.ts";
import { type KubeObject, keyOf } from "../../api/kube/resources/object.ts";
import { apiVersionOf, metadataOf, type Resource } from "../../api/kube/resources/resource.ts";
import { eventReasons } from "../../api/status/event-reasons.ts";
import { FirstSeen } from "../cache/first-seen.ts";
import type { Identity } from "../cache/slim.ts";

/** The cached form of an object that may expire. */
interface Expiring extends KubeObject {
  readonly metadata: Identity;
  readonly summary: { readonly expiry: Expiry | undefined };
}

export interface ExpiryControllerOptions {
  /** The name in metrics and logs. */
  readonly name: string;
  readonly client: Pick<KubeClient, "delete">;
  readonly watching: Watching<Expiring>;
  readonly resource: Resource<KubeObject>;
  readonly events: Pick<EventRecorder, "record">;
  readonly metrics?: ControllerMetrics;
  readonly log: Log;
  /** A monotonic clock in milliseconds. */
  readonly clock?: () => number;
}

/**
 * Deletes objects that nobody has renewed for the time in their annotation. The time counts from this controller's
 * first look at a renewal, by its own clock. So the clocks of clients do not matter, and a new leader starts again.
 */
export function expiryController(options: ExpiryControllerOptions): Controller {
  const { name, watching, metrics, log, clock } = options;
  const seen = new FirstSeen(clock);
  return new Controller({
    name,
    reconcile: (key, signal) => reconcile(options, seen, key, signal),
    sources: [mapped(watching, (object) => (object.summary.expiry ? [keyOf(object)] : []))],
    log,
    ...(metrics ? { metrics } : {}),
  });
}

async function reconcile(
  { client, watching, resource, events }: ExpiryControllerOptions,
  seen: FirstSeen,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const object = watching.store.get(key);
  const expiry = object?.summary.expiry;
  if (!object || !expiry) return "done";
  const left = expiry.milliseconds - seen.age(expiry.term);
  if (left > 0) return { after: left };
  const { name = "", namespace = "", uid, resourceVersion } = object.metadata;
  try {
    await client.delete(
      metadataOf(resource),
      { name, namespace },
      {
        // A renewal that we have not heard of yet changes the version.
        preconditions: { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) },
        propagationPolicy: "Background",
        signal,
      },
    );
  } catch (error) {
    // After a conflict, the watch brings the newer version.
    if (error instanceof ApiError && (error.isNotFound || error.isConflict)) return "done";
    throw error;
  }
  events.record(
    { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: object.metadata },
    { type: "Normal", reason: eventReasons.expired, message: `Deleted: its expiry was not renewed for ${expiry.text}` },
  );
  return "done";
}
