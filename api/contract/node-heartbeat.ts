import type { Node } from "../kube/resources/core-resources.ts";
import { time } from "../kube/time.ts";
import { annotations, labels } from "./labels.ts";

/**
 * How a node's daemon reports that its node takes machines, and how the controller judges a silent daemon. Placeholders
 * select nodes by the label. At each heartbeat the daemon writes it again, in one patch with the time.
 */

/**
 * Why no machine is placed on a node. The set of texts is closed: every user whose machine waits sees them, and a node
 * must not be able to send those users any other text.
 */
export const unschedulableReasons = {
  starting: "its node daemon is starting",
  crashed: "its node daemon crashed a moment ago",
  ended: "its node daemon has ended",
  silent: "its node daemon sends no heartbeat",
  stuck: "its node daemon is stuck",
  withoutLibvirt: "it has no libvirt",
  libvirtLost: "its libvirt does not answer",
} as const;
export type UnschedulableReason = (typeof unschedulableReasons)[keyof typeof unschedulableReasons];

/** Milliseconds between two heartbeats; each comes up to a tenth earlier or later. Each is one write per node. */
export const beatEvery = 60_000;

/**
 * Milliseconds without a changed heartbeat after which a node counts as silent. The controller measures them by its own
 * clock. The daemon writes its node's time, which is never compared with another clock. The value is more than the
 * longest gap between heartbeats plus the time after which a watch without news counts as dead.
 */
export const silentAfter = 240_000;

/** The patch of a running daemon: its heartbeat, and the reason if no machine can be placed on its node. */
export function heartbeatPatch(now: Date, unfit: UnschedulableReason | undefined): object {
  return patchOf(unfit, { [annotations.heartbeat]: time(now) });
}

/**
 * The patch of a daemon that ends in order. It removes the heartbeat. A daemon of the release before writes no
 * heartbeat. If it comes next, the controller must not judge it by an old heartbeat.
 */
export function shutdownPatch(): object {
  return patchOf(unschedulableReasons.ended, { [annotations.heartbeat]: null });
}

/** The controller's patch for a node whose daemon is silent; it conflicts if the node has changed meanwhile. */
export function silentNodePatch({ metadata }: Node): object {
  const patch = patchOf(unschedulableReasons.silent, {});
  return { metadata: { resourceVersion: metadata?.resourceVersion, ...patch.metadata } };
}

/** Whether machines are placed on a node. */
export function isSchedulable({ metadata }: Node): boolean {
  return metadata?.labels?.[labels.schedulable] === "true";
}

/** Whether a node has, or had, a daemon. */
export function hasHadDaemon({ metadata }: Node): boolean {
  return metadata?.labels?.[labels.schedulable] !== undefined;
}

/** The time of the daemon's last heartbeat by its own clock; `undefined` when the node has no heartbeat. */
export function beatOf({ metadata }: Node): string | undefined {
  return metadata?.annotations?.[annotations.heartbeat];
}

/** Why no machine is placed on a node; `undefined` when the node has no reason, or an unknown one. */
export function unschedulableReasonOf({ metadata }: Node): UnschedulableReason | undefined {
  const told = metadata?.annotations?.[annotations.unschedulableReason];
  return Object.values(unschedulableReasons).find((one) => one === told);
}

interface MetadataPatch {
  metadata: { labels: Record<string, string>; annotations: Record<string, string | null> };
}

function patchOf(unfit: UnschedulableReason | undefined, more: Record<string, string | null>): MetadataPatch {
  return {
    metadata: {
      labels: { [labels.schedulable]: String(unfit === undefined) },
      annotations: { ...more, [annotations.unschedulableReason]: unfit ?? null },
    },
  };
}
