import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";
import type { ClusterCache } from "../cache/cluster-cache.ts";
import type { NodeEvents } from "./events.ts";

/** What an installation decides about nodes. */
export interface NodeSettings {
  /** The namespace of the add-on, where the pods of the node daemons are. */
  readonly namespace: string;
  /** Milliseconds after which a node whose heartbeat has not changed takes no machines. */
  readonly silentAfter: number;
}

/** What the reconciler of nodes works with. */
export interface NodeDependencies {
  readonly client: KubeClient;
  readonly cache: Pick<ClusterCache, "nodes" | "heartbeats">;
  readonly events: NodeEvents;
  readonly settings: NodeSettings;
}

/** A node as one reconcile sees it. */
export interface NodeContext extends NodeDependencies {
  readonly node: Node;
  readonly signal: AbortSignal;
}

/** One stage of reconciling: it returns what the reconcile came to, or nothing when the next stage has its turn. */
export type NodeStage = (context: NodeContext) => Promise<Outcome | undefined>;
