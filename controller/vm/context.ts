import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import type { VirtualMachine } from "../../api/resources.ts";
import type { ClusterCache } from "../cache/cluster-cache.ts";
import type { FirstSeen } from "../cache/first-seen.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import type { WithWhole } from "../cache/whole-reader.ts";
import type { MachineEvents } from "./events.ts";

/** What the reconciler of machines works with. */
export interface MachineDependencies {
  readonly client: KubeClient;
  readonly cache: ClusterCache;
  readonly events: MachineEvents;
}

/** A machine and what there is of it, as one reconcile sees it. */
export interface MachineContext extends MachineDependencies {
  readonly machine: SlimMachine;
  /** For what takes its template. */
  readonly withWhole: WithWhole<VirtualMachine>;
  /** Its instance; `undefined` when there is none. */
  readonly instance: SlimInstance | undefined;
  /** An instance of its name that it does not control, and that stands in its way. */
  readonly stranger: SlimInstance | undefined;
  readonly sightings: Pick<FirstSeen, "age">;
  /** The time of day, for what is told to others only. */
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** One stage of reconciling: it returns what the reconcile came to, or nothing when the next stage has its turn. */
export type MachineStage = (context: MachineContext) => Promise<Outcome | undefined>;
