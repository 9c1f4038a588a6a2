import type { Log } from "../api/kube/log.ts";
import { serveApi } from "./api-server/program.ts";
import { problemTexts } from "./health.ts";
import type { Program } from "./program.ts";
import type { Activity } from "./run-together.ts";
import type { Settings } from "./settings.ts";

/** The aggregated API as a service beside the reconcilers; it reads their cache. */
export function apiOf(
  { client, cache, metrics, health }: Program,
  { namespace, port, guestfsImage }: Settings,
  log: Log,
): Activity {
  const lenders = {
    client,
    stores: { machines: cache.machines.store, instances: cache.instances.store },
    registry: metrics.registry,
    configVersion: () => [...cache.kubevirts.store.values()][0]?.metadata.resourceVersion,
    fatal: () => problemTexts(health.fatal),
    unready: () => problemTexts(health.problems),
  };
  return (signal) => serveApi(lenders, { namespace, port, guestfsImage, log }, signal);
}
