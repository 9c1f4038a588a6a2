import { timestamp } from "./conditions.ts";
import type { Pod } from "./kube/core-resources.ts";
import type { Phase } from "./phases.ts";
import type { VirtualMachineInstance } from "./resources.ts";
import { revisionOf } from "./revision.ts";
import type { InstanceStatus } from "./schema/instance-status.ts";

type Transitions = NonNullable<InstanceStatus["phaseTransitionTimestamps"]>;

/**
 * A status that has reached a phase. Phases that were passed without being written are entered with their true times:
 * Pending is the creation of the instance, Scheduling that of its pod, Scheduled the scheduler's decision.
 */
export function reached(
  { metadata, status = {} }: VirtualMachineInstance,
  phase: Phase,
  pod: Pod | undefined,
  now: Date,
): InstanceStatus {
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
 * The status of an instance that is handed over to a node; without the pod when that is gone already, which the daemon
 * will see. The controller writes it when the start takes long; else the daemon does, in one go with that it runs.
 */
export function scheduled(
  instance: VirtualMachineInstance,
  pod: Pod | undefined,
  node: string,
  now: Date,
): InstanceStatus {
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
