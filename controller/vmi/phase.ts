import { timestamp } from "../../api/conditions.ts";
import type { Pod } from "../../api/kube/core-resources.ts";
import type { Phase } from "../../api/phases.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";

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
  return { ...status, phase, phaseTransitionTimestamps: transitions };
}

function scheduledAt(pod: Pod): string | undefined {
  const condition = pod.status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "True");
  return condition?.lastTransitionTime;
}
