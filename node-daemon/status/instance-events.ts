import type { EventText } from "../../api/kube/events.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import { conditionOf, isTrue } from "../../api/status/conditions.ts";
import { eventReasons } from "../../api/status/event-reasons.ts";

/** The events that report a change of the status. */
export function eventsOf(instance: VirtualMachineInstance, changes: Partial<InstanceStatus>): EventText[] {
  const { status: old = {} } = instance;
  const events: EventText[] = [];
  const failure = conditionOf(changes.conditions, "Synchronized");
  if (
    failure?.reason === conditionReasons.syncFailed &&
    failure.message !== conditionOf(old.conditions, "Synchronized")?.message
  ) {
    events.push(warning(eventReasons.syncFailed, failure.message ?? "A step failed."));
  }
  if (changes.phase === "Running") events.push(normal(eventReasons.started, "VirtualMachineInstance started."));
  if (changes.phase === "Succeeded" && !endsAtOnce(instance)) {
    events.push(normal(eventReasons.stopped, changes.reason ?? "The machine ended."));
  }
  if (changes.phase === "Failed") events.push(warning(eventReasons.stopped, changes.reason ?? "The machine failed."));
  if (changes.conditions && old.phase === "Running" && changes.phase === undefined) {
    const before = isTrue(old.conditions, "Paused");
    const after = isTrue(changes.conditions, "Paused");
    if (after && !before) events.push(normal(eventReasons.paused, "VirtualMachineInstance paused."));
    if (before && !after) events.push(normal(eventReasons.unpaused, "VirtualMachineInstance unpaused."));
  }
  return events;
}

/** Whether the instance was deleted without a grace period: then the way it ended is no news. */
function endsAtOnce({ metadata, spec }: VirtualMachineInstance): boolean {
  return metadata.deletionTimestamp !== undefined && spec.terminationGracePeriodSeconds === 0;
}

/** The daemon has asked the guest to shut down. */
export const shuttingDown: EventText = normal(eventReasons.shuttingDown, "Signaled Graceful Shutdown");

/** The instance's domain is gone, whoever ended it. */
export const deleted: EventText = normal(eventReasons.deleted, "Signaled Deletion");

function normal(reason: string, message: string): EventText {
  return { type: "Normal", reason, message };
}

function warning(reason: string, message: string): EventText {
  return { type: "Warning", reason, message };
}
