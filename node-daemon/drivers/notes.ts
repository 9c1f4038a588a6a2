import type { InstancePaths } from "../instance/paths.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Ending } from "./ending.ts";

/** The time at which the daemon first saw that a machine must end. The node's clock counts only for one boot. */
export interface StopNote {
  readonly boot: string;
  /** Milliseconds since the node booted. */
  readonly since: number;
}

/** A freeze of a guest's file systems, done or about to start. Its times count only for one boot of the node. */
export interface FreezeNote {
  readonly boot: string;
  /** Milliseconds since the node booted. */
  readonly since: number;
  /** The time of the automatic thaw; absent when the requester thaws. */
  readonly until?: number;
  /** Whether the agent has confirmed the freeze. Before that, it may still be freezing. */
  readonly isDone: boolean;
}

/** Facts about an instance that no lookup shows, in its folder on the node: a restarted daemon still needs them. */
export interface Notes {
  /** The object that `makeFolder` stored; undefined when it is gone. */
  readInstance(paths: InstancePaths): Promise<unknown>;
  /** Stores the pod's devices before the daemon changes them. Keeps an earlier record. */
  keepLinks(paths: InstancePaths, links: readonly PodLink[]): Promise<void>;
  /** Notes that the guest has run. */
  markStarted(paths: InstancePaths): Promise<void>;
  /** Notes the start of the guest's grace period. Keeps an earlier note of the same boot of the node. */
  noteStop(paths: InstancePaths, note: StopNote): Promise<void>;
  /** Notes that the guest's file systems are frozen, and until when. A later note replaces an earlier one. */
  noteFreeze(paths: InstancePaths, note: FreezeNote): Promise<void>;
  /** Removes the freeze note. Does nothing when there is none. */
  forgetFreeze(paths: InstancePaths): Promise<void>;
  /** Notes how the instance ended. Keeps the first note. */
  markEnded(paths: InstancePaths, ending: Ending): Promise<void>;
}
