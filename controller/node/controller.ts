import { Controller, type ControllerMetrics, type Outcome } from "../../api/kube/controller/controller.ts";
import { itself } from "../../api/kube/controller/source.ts";
import type { Log } from "../../api/kube/log.ts";
import { nodes } from "../../api/kube/resources/core-resources.ts";
import { failedAsGone } from "../gone.ts";
import type { NodeDependencies, NodeStage } from "./context.ts";
import { markSilentNode } from "./silence.ts";

const stages: readonly NodeStage[] = [markSilentNode];

export interface NodeControllerOptions extends NodeDependencies {
  readonly metrics?: ControllerMetrics;
  readonly log: Log;
  readonly concurrency?: number;
}

/** Stops the placement of machines on nodes with a silent daemon. */
export function nodeController(options: NodeControllerOptions): Controller {
  const { cache, metrics, log, concurrency = 16 } = options;
  return new Controller({
    name: "node",
    reconcile: (key, signal) => reconcile(options, key, signal),
    sources: [itself(cache.nodes)],
    concurrency,
    log,
    ...(metrics ? { metrics } : {}),
  });
}

async function reconcile(dependencies: NodeDependencies, key: string, signal: AbortSignal): Promise<Outcome> {
  const { client, cache, events, settings } = dependencies;
  const node = cache.nodes.store.get(key);
  if (!node) return "done";
  try {
    for (const stage of stages) {
      const outcome = await stage({ client, cache, events, settings, node, signal });
      if (outcome !== undefined) return outcome;
    }
  } catch (error) {
    if (!(await failedAsGone(error, client, nodes, node.metadata ?? {}, signal))) throw error;
  }
  return "done";
}
