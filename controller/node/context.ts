import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";
import type { ClusterCache } from "../cache/cluster-cache.ts";
import type { NodeEvents } from "./events.ts";

/** The installation's settings for nodes. */
export interface NodeSettings {
  /** The namespace of the add-on, with the node daemons' pods. */
  readonly namespace: string;
  /** Milliseconds without a changed heartbeat after which a node takes no machines. */
  readonly silentAfter: number;
}

/** The dependencies of the node reconciler. */
export interface NodeDependencies {
  readonly client: KubeClient;
  readonly cache: Pick<ClusterCache, "nodes" | "heartbeats">;
  readonly events: NodeEvents;
  readonly settings: NodeSettings;
}

/** A node in one reconcile. */
export interface NodeContext extends NodeDependencies {
  readonly node: Node;
  readonly signal: AbortSignal;
}

/** A stage of reconciling: it returns the outcome of the reconcile, or nothing to go on to the next stage. */
export type NodeStage = (context: NodeContext) => Promise<Outcome | undefined>;
