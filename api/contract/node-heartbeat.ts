import type { Node } from "../kube/resources/core-resources.ts";
import { time } from "../kube/time.ts";
import { annotations, labels } from "./labels.ts";

/**
 * How the daemon of a node tells that machines can be placed there, and how the controller judges one that tells nothing.
 * The label is what placeholders select; with each beat the daemon writes it anew, in one patch with the time.
 */

/**
 * Why no machine is placed on a node. A closed set of texts: they come to the eyes of everybody whose machine waits, and
 * a node is not to tell those people anything else.
 */
export const unfitness = {
  starting: "its node daemon is starting",
  crashed: "its node daemon crashed a moment ago",
  ended: "its node daemon has ended",
  silent: "its node daemon is not heard of",
  stuck: "its node daemon is stuck",
  withoutLibvirt: "it has no libvirt",
  libvirtLost: "its libvirt does not answer",
} as const;
export type Unfitness = (typeof unfitness)[keyof typeof unfitness];

/** Milliseconds between two beats; each comes up to a tenth earlier or later. Each is one write a node. */
export const beatEvery = 60_000;

/**
 * Milliseconds after which a node whose heartbeat has not changed is silent, by the controller's own clock: the time that
 * the daemon writes is the node's, and never compared with any other. It is longer than the longest gap between beats
 * and the time after which a watch without news counts as dead together.
 */
export const silentAfter = 240_000;

/** What a daemon writes: that it is there, and why no machine can be placed on its node, if none can. */
export function beatPatch(now: Date, unfit: Unfitness | undefined): object {
  return patchOf(unfit, { [annotations.heartbeat]: time(now) });
}

/**
 * What a daemon writes that ends in order. It takes its heartbeat with it: a daemon of the release before, which has none,
 * may come after it, and is not to be judged by it.
 */
export function farewellPatch(): object {
  return patchOf(unfitness.ended, { [annotations.heartbeat]: null });
}

/** What the controller writes of a node whose daemon is silent; a node that has changed meanwhile conflicts. */
export function silencePatch({ metadata }: Node): object {
  const patch = patchOf(unfitness.silent, {});
  return { metadata: { resourceVersion: metadata?.resourceVersion, ...patch.metadata } };
}

/** Whether machines are placed on a node. */
export function isOffered({ metadata }: Node): boolean {
  return metadata?.labels?.[labels.schedulable] === "true";
}

/** Whether a node has, or has had, a daemon. */
export function hasHadDaemon({ metadata }: Node): boolean {
  return metadata?.labels?.[labels.schedulable] !== undefined;
}

/** When a node's daemon was last heard of, as it says itself; `undefined` when it says nothing of that. */
export function beatOf({ metadata }: Node): string | undefined {
  return metadata?.annotations?.[annotations.heartbeat];
}

/** Why no machine is placed on a node; `undefined` when that is not said in words that are known here. */
export function unfitnessOf({ metadata }: Node): Unfitness | undefined {
  const told = metadata?.annotations?.[annotations.unschedulableReason];
  return Object.values(unfitness).find((one) => one === told);
}

interface MetadataPatch {
  metadata: { labels: Record<string, string>; annotations: Record<string, string | null> };
}

function patchOf(unfit: Unfitness | undefined, more: Record<string, string | null>): MetadataPatch {
  return {
    metadata: {
      labels: { [labels.schedulable]: String(unfit === undefined) },
      annotations: { ...more, [annotations.unschedulableReason]: unfit ?? null },
    },
  };
}
