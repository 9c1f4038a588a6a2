import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import type { Node, Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { ClusterCache } from "../cache/cluster-cache.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { WithWhole } from "../cache/whole-reader.ts";
import type { InstanceEvents } from "./events.ts";
import type { MadePods } from "./made-pods.ts";
import type { PlaceholderSettings } from "./placeholder-settings.ts";

/** What the reconciler of instances works with. */
export interface InstanceDependencies {
  readonly client: KubeClient;
  readonly cache: ClusterCache;
  readonly events: InstanceEvents;
  readonly settings: PlaceholderSettings;
}

/** An instance and what there is of it, as one reconcile sees it. */
export interface InstanceContext extends InstanceDependencies {
  readonly instance: SlimInstance;
  /** For what takes its spec. */
  readonly withWhole: WithWhole<VirtualMachineInstance>;
  /** Its placeholder pod; `undefined` when there is none. */
  readonly pod: Pod | undefined;
  /** A pod in the placeholder's place that this controller does not know to have made; `undefined` when there is none. */
  readonly stranger: Pod | undefined;
  readonly made: MadePods;
  /** The node that it was handed over to; `undefined` when it was not, or the node is gone. */
  readonly node: Node | undefined;
  /** Milliseconds for which this controller has known of the pod; 0 when there is none. */
  readonly podAge: number;
  /** The time of day, for what is told to others only. */
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** One stage of reconciling: it returns what the reconcile came to, or nothing when the next stage has its turn. */
export type InstanceStage = (context: InstanceContext) => Promise<Outcome | undefined>;
