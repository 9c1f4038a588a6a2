import type { Pod } from "../kube/resources/core-resources.ts";
import type { ObjectMeta } from "../kube/resources/object.ts";
import { revisionOf } from "../revision.ts";
import type { InstanceStatus } from "../schema/instance-status.ts";
import { timestamp } from "./conditions.ts";
import type { Phase } from "./phases.ts";

type Transitions = NonNullable<InstanceStatus["phaseTransitionTimestamps"]>;

/** The fields of an instance's status that show its progress. */
type Progress = Pick<
  InstanceStatus,
  "phase" | "phaseTransitionTimestamps" | "nodeName" | "activePods" | "qosClass" | "virtualMachineRevisionName"
>;

/** An instance with all or a part of its status. */
interface Started<Status extends Progress> {
  readonly metadata: Pick<ObjectMeta, "creationTimestamp" | "annotations" | "ownerReferences">;
  readonly status?: Status | undefined;
}

/**
 * The status after an instance has reached a phase. It also enters phases that were passed but not written, with their
 * true times: Pending is the creation of the instance, Scheduling that of its pod, Scheduled the scheduler's decision.
 */
export function reached<Status extends Progress>(
  instance: Started<Status>,
  phase: Phase,
  pod: Pod | undefined,
  now: Date,
): Status;
export function reached(
  { metadata, status = {} }: Started<Progress>,
  phase: Phase,
  pod: Pod | undefined,
  now: Date,
): Progress {
  const transitions: Transitions = [...(status.phaseTransitionTimestamps ?? [])];
  const enter = (passed: Phase, time: string | undefined | null): void => {
    if (!time || transitions.some((entry) => entry.phase === passed)) return;
    transitions.push({ phase: passed, phaseTransitionTimestamp: time });
  };
  enter("Pending", metadata.creationTimestamp);
  if (phase !== "Pending") enter("Scheduling", pod?.metadata?.creationTimestamp);
  if (pod?.spec?.nodeName && (phase === "Scheduled" || status.nodeName)) enter("Scheduled", scheduledAt(pod));
  enter(phase, timestamp(now));
  const virtualMachineRevisionName = status.virtualMachineRevisionName ?? revisionOf(metadata);
  return {
    ...status,
    phase,
    phaseTransitionTimestamps: transitions,
    ...(virtualMachineRevisionName === undefined ? {} : { virtualMachineRevisionName }),
  };
}

/**
 * The status of an instance that is handed over to a node. The pod is undefined if it is gone; the daemon will see
 * that. The controller writes this when the start takes long. Otherwise the daemon does, together with Running.
 */
export function scheduled<Status extends Progress>(
  instance: Started<Status>,
  pod: Pod | undefined,
  node: string,
  now: Date,
): Status;
export function scheduled(instance: Started<Progress>, pod: Pod | undefined, node: string, now: Date): Progress {
  const uid = pod?.metadata?.uid;
  const qosClass = qosClassOf(pod);
  return {
    ...reached(instance, "Scheduled", pod, now),
    nodeName: node,
    ...(uid === undefined ? {} : { activePods: { [uid]: node } }),
    ...(qosClass === undefined ? {} : { qosClass }),
  };
}

function qosClassOf(pod: Pod | undefined): "Guaranteed" | "Burstable" | "BestEffort" | undefined {
  const name = pod?.status?.qosClass;
  return name === "Guaranteed" || name === "Burstable" || name === "BestEffort" ? name : undefined;
}

function scheduledAt(pod: Pod): string | undefined {
  const condition = pod.status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "True");
  return condition?.lastTransitionTime;
}
