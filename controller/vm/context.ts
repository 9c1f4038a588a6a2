import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import type { VirtualMachine } from "../../api/resources.ts";
import type { ClusterCache } from "../cache/cluster-cache.ts";
import type { FirstSeen } from "../cache/first-seen.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import type { WithWhole } from "../cache/whole-reader.ts";
import type { MachineEvents } from "./events.ts";

/** The dependencies of the machine reconciler. */
export interface MachineDependencies {
  readonly client: KubeClient;
  readonly cache: ClusterCache;
  readonly events: MachineEvents;
}

/** A machine and its related objects in one reconcile. */
export interface MachineContext extends MachineDependencies {
  readonly machine: SlimMachine;
  /** Reads the whole machine, for steps that need its template. */
  readonly withWhole: WithWhole<VirtualMachine>;
  /** Its instance; `undefined` without one. */
  readonly instance: SlimInstance | undefined;
  /** An instance of its name that it does not control, and that blocks its own. */
  readonly foreignInstance: SlimInstance | undefined;
  readonly firstSeen: Pick<FirstSeen, "age">;
  /** The time of day, only for times that others read. */
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** A stage of reconciling: it returns the outcome of the reconcile, or nothing to go on to the next stage. */
export type MachineStage = (context: MachineContext) => Promise<Outcome | undefined>;
