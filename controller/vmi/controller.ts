import { Controller, type ControllerMetrics, type Outcome } from "../../api/kube/controller.ts";
import { ApiError } from "../../api/kube/errors.ts";
import type { Log } from "../../api/kube/log.ts";
import { keyOf } from "../../api/kube/object.ts";
import { itself, mapped, owner } from "../../api/kube/source.ts";
import { placeholderIn } from "../../api/placeholder.ts";
import { instances } from "../../api/resources.ts";
import type { InstanceDependencies, InstanceStage } from "./context.ts";
import { finalize } from "./finalize.ts";
import { handOver, nodeOf } from "./hand-over.ts";
import { loss } from "./loss.ts";
import { nodeReadiness } from "./node-readiness.ts";
import { placeholder } from "./placeholder.ts";
import { progress } from "./progress.ts";

/** In this order; each has the object as the one before it found it, since one that writes is the last. */
const stages: readonly InstanceStage[] = [finalize, loss, placeholder, handOver, progress];

export interface InstanceControllerOptions extends InstanceDependencies {
  readonly metrics?: ControllerMetrics;
  readonly log: Log;
  readonly concurrency?: number;
}

/** Brings instances to a node by way of a placeholder pod, and lets them go when they have ended. */
export function instanceController(options: InstanceControllerOptions): Controller {
  const { world, metrics, log, concurrency = 16 } = options;
  return new Controller({
    name: "vmi",
    reconcile: (key, signal) => reconcile(options, key, signal),
    sources: [
      itself(world.instances),
      owner(world.pods, instances),
      mapped(world.claims, (claim) => world.instanceKeysWith(keyOf(claim))),
      nodeReadiness(world.nodes, (node) => world.instanceKeysOn(node)),
    ],
    concurrency,
    log,
    ...(metrics ? { metrics } : {}),
  });
}

async function reconcile(dependencies: InstanceDependencies, key: string, signal: AbortSignal): Promise<Outcome> {
  const { world } = dependencies;
  const instance = world.instances.store.get(key);
  if (!instance) return "done";
  const context = {
    client: dependencies.client,
    world,
    events: dependencies.events,
    settings: dependencies.settings,
    instance,
    pod: placeholderIn(world.pods.store, instance.metadata),
    node: world.nodes.store.get(nodeOf(instance) ?? ""),
    now: new Date(),
    signal,
  };
  try {
    for (const stage of stages) {
      const outcome = await stage(context);
      if (outcome !== undefined) return outcome;
    }
  } catch (error) {
    // The instance, or its namespace, is gone: nothing is left to do, and what hangs on it is collected.
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
  return "done";
}
