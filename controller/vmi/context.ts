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

/** The dependencies of the instance reconciler. */
export interface InstanceDependencies {
  readonly client: KubeClient;
  readonly cache: ClusterCache;
  readonly events: InstanceEvents;
  readonly settings: PlaceholderSettings;
}

/** An instance and its related objects in one reconcile. */
export interface InstanceContext extends InstanceDependencies {
  readonly instance: SlimInstance;
  /** Reads the whole instance, for steps that need its spec. */
  readonly withWhole: WithWhole<VirtualMachineInstance>;
  /** Its placeholder pod; `undefined` without one. */
  readonly pod: Pod | undefined;
  /** A pod with the placeholder's name and owner that this controller does not recognise; `undefined` without one. */
  readonly foreignPod: Pod | undefined;
  readonly made: MadePods;
  /** The node that it was handed over to; `undefined` when it was not, or the node does not exist any more. */
  readonly node: Node | undefined;
  /** Milliseconds for which this controller has known the pod; 0 without one. */
  readonly podAge: number;
  /** The time of day, only for times that others read. */
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** A stage of reconciling: it returns the outcome of the reconcile, or nothing to go on to the next stage. */
export type InstanceStage = (context: InstanceContext) => Promise<Outcome | undefined>;
