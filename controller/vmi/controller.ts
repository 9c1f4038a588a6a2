import { placeholderCandidateIn, recordedPlaceholder } from "../../api/contract/placeholder.ts";
import { Controller, type ControllerMetrics, type Outcome } from "../../api/kube/controller/controller.ts";
import { itself, mapped, owner } from "../../api/kube/controller/source.ts";
import type { Log } from "../../api/kube/log.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import { keyOf } from "../../api/kube/resources/object.ts";
import { instances } from "../../api/resources.ts";
import { FirstSeen } from "../cache/first-seen.ts";
import { type SlimInstance, slimInstances } from "../cache/slim-instance.ts";
import { failedAsGone } from "../gone.ts";
import type { InstanceDependencies, InstanceStage } from "./context.ts";
import { failLost } from "./fail-lost.ts";
import { finalize } from "./finalize.ts";
import { handOver } from "./hand-over.ts";
import { isHandedOver, nodeOf } from "./handed-over.ts";
import { keepPlaceholder } from "./keep-placeholder.ts";
import { MadePods } from "./made-pods.ts";
import { nodeReadiness } from "./node-readiness.ts";
import { record } from "./record.ts";
import { reportProgress } from "./report-progress.ts";

/** The stages in order. All see the same state of the object, since a stage that writes ends the reconcile. */
const stages: readonly InstanceStage[] = [finalize, failLost, record, keepPlaceholder, handOver, reportProgress];

export interface InstanceControllerOptions extends InstanceDependencies {
  readonly metrics?: ControllerMetrics;
  readonly log: Log;
  readonly concurrency?: number;
}

/** Brings instances to a node with a placeholder pod, and releases them when they have ended. */
export function instanceController(options: InstanceControllerOptions): Controller {
  const { cache, metrics, log, concurrency = 16 } = options;
  const made = new MadePods();
  const firstSeen = new FirstSeen();
  return new Controller({
    name: "vmi",
    reconcile: (key, signal) => reconcile(options, { made, firstSeen }, key, signal),
    sources: [
      itself(cache.instances),
      owner(cache.pods, instances),
      mapped(cache.claims, (claim) => cache.instanceKeysWith(keyOf(claim))),
      nodeReadiness(cache.nodes, (node) => cache.instanceKeysOn(node)),
    ],
    concurrency,
    log,
    ...(metrics ? { metrics } : {}),
  });
}

/** Data that only this controller's memory has. */
interface Memory {
  readonly made: MadePods;
  readonly firstSeen: FirstSeen;
}

async function reconcile(
  dependencies: InstanceDependencies,
  { made, firstSeen }: Memory,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { cache } = dependencies;
  const cached = cache.instances.store.get(key);
  if (!cached) {
    made.forget(key);
    return "done";
  }
  try {
    const instance = await cache.wholeReader.slim(slimInstances, cached, signal);
    const claimant = placeholderCandidateIn(cache.pods.store, instance.metadata);
    const isOurs = claimant !== undefined && isPlaceholder(claimant, instance, made);
    const context = {
      client: dependencies.client,
      cache,
      events: dependencies.events,
      settings: dependencies.settings,
      instance,
      withWhole: cache.wholeReader.withWhole(instances, cached, instance.metadata, signal),
      pod: isOurs ? claimant : undefined,
      foreignPod: isOurs ? undefined : claimant,
      made,
      podAge: firstSeen.age(isOurs ? claimant.metadata?.uid : undefined),
      node: cache.nodes.store.get(nodeOf(instance) ?? ""),
      now: new Date(),
      signal,
    };
    for (const stage of stages) {
      const outcome = await stage(context);
      if (outcome !== undefined) return outcome;
    }
  } catch (error) {
    // The instance or its namespace was deleted: nothing is left to do, and its dependents are garbage-collected.
    if (!(await failedAsGone(error, dependencies.client, instances, cached.metadata, signal))) throw error;
  }
  return "done";
}

/** Whether a pod with the placeholder's name and owner is the one that a controller made. */
function isPlaceholder({ metadata: { uid = "" } = {} }: Pod, instance: SlimInstance, made: MadePods): boolean {
  const key = keyOf(instance);
  const recorded = recordedPlaceholder(instance.metadata);
  if (recorded === uid) {
    made.forget(key);
    return true;
  }
  if (made.has(key, uid)) return true;
  // A build from before this record handed over without it.
  return recorded === undefined && isHandedOver(instance);
}
