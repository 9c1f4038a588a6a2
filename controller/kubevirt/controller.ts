import { isDeepStrictEqual } from "node:util";
import { partOf } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { Controller, type ControllerMetrics, type Outcome } from "../../api/kube/controller/controller.ts";
import { itself } from "../../api/kube/controller/source.ts";
import type { Log } from "../../api/kube/log.ts";
import { joinKey } from "../../api/kube/resources/object.ts";
import { kubevirts } from "../../api/resources.ts";
import type { ClusterCache } from "../cache/cluster-cache.ts";
import { untilCached } from "../cache/until-cached.ts";
import { statusPatch } from "../status-patch.ts";
import { statusOf } from "./status.ts";

/** The name of the object, which KubeVirt's clients are told to use. */
export const kubevirtName = "kubevirt";

export interface KubeVirtControllerOptions {
  readonly client: KubeClient;
  readonly cache: Pick<ClusterCache, "kubevirts">;
  /** The namespace of the add-on, in which the object is made. */
  readonly namespace: string;
  readonly metrics?: ControllerMetrics;
  readonly log: Log;
}

/**
 * Makes sure that one object of kind KubeVirt exists, by which clients find the installation and its settings, and
 * writes its status. An object that a user made, in any namespace, is fine.
 */
export function kubevirtController(options: KubeVirtControllerOptions): Controller {
  const { cache, namespace, metrics, log } = options;
  const own = joinKey(kubevirtName, namespace);
  const controller: Controller = new Controller({
    name: "kubevirt",
    reconcile: (key, signal) => reconcile(options, own, key, signal),
    sources: [
      itself(cache.kubevirts),
      {
        synced: cache.kubevirts.synced,
        subscribe(listener) {
          listener(own);
          // After a deletion there may be none left.
          return cache.kubevirts.store.subscribe(({ current }) => {
            if (!current) listener(own);
          });
        },
      },
    ],
    concurrency: 1,
    log,
    ...(metrics ? { metrics } : {}),
  });
  return controller;
}

async function reconcile(
  { client, cache, namespace }: KubeVirtControllerOptions,
  own: string,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { store } = cache.kubevirts;
  const [first] = [...store.values()];
  if (!first) {
    await make(client, namespace, signal);
    return "done";
  }
  // Clients expect one object. If a user has made two, the one with our name counts.
  const object = store.get(key);
  if (!object || object !== (store.get(own) ?? first) || object.metadata.deletionTimestamp !== undefined) return "done";
  const next = statusOf(object, new Date());
  if (isDeepStrictEqual(object.status ?? {}, next)) return "done";
  const ref = { name: object.metadata.name ?? "", namespace: object.metadata.namespace ?? "" };
  const { resourceVersion } = object.metadata;
  const patch = { metadata: { resourceVersion }, status: statusPatch(object.status ?? {}, next) };
  const written = await client.mergePatch(kubevirts, ref, patch, { subresource: "status", signal });
  await untilCached(store, written, signal);
  return "done";
}

async function make(client: KubeClient, namespace: string, signal: AbortSignal): Promise<void> {
  const { apiVersion } = group;
  const object = {
    apiVersion,
    kind: "KubeVirt" as const,
    metadata: { name: kubevirtName, namespace, labels: { ...partOf } },
    spec: {},
  };
  try {
    await client.create(kubevirts, object, { signal });
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isAlreadyExists) throw error;
  }
}
