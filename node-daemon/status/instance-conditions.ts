import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Condition } from "../../api/schema/condition.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import { conditionOf, type NewCondition } from "../../api/status/conditions.ts";
import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { HostFacts } from "../instance/host.ts";
import { migrationConditions } from "./migratable.ts";

/** A condition to set, or the type of one to remove. */
export type ConditionChange =
  | { readonly set: NewCondition; readonly remove?: undefined }
  | { readonly remove: string; readonly set?: undefined };

/** The conditions of an instance with a started guest; `answers`: its readiness probe succeeds, or it has none. */
export function domainConditions(
  domain: DomainObservation,
  { virtType }: HostFacts,
  answers: boolean,
  instance: VirtualMachineInstance,
): ConditionChange[] {
  const volumes = instance.status?.volumeStatus ?? [];
  const paused = domain.state === "paused";
  return [
    readyCondition(paused, answers),
    paused ? { set: pausedCondition(domain, volumes) } : { remove: "Paused" },
    domain.agent ? { set: { type: "AgentConnected", status: "True" } } : { remove: "AgentConnected" },
    virtType === "qemu"
      ? set("SoftwareEmulation", "True", "NoKVM", "The guest is emulated: KVM is not used on this node, so it is slow.")
      : { remove: "SoftwareEmulation" },
    ...migrationConditions(instance).map((condition) => ({ set: condition })),
  ];
}

/** The conditions of an instance that has ended. */
export function endedConditions(): ConditionChange[] {
  return [
    set("Ready", "False", conditionReasons.guestNotRunning, "The guest has ended."),
    { remove: "Paused" },
    { remove: "AgentConnected" },
    { remove: "LiveMigratable" },
    { remove: "StorageLiveMigratable" },
  ];
}

/** Reports whether the last step failed. `Synchronized` with another reason belongs to other writers. */
export function failureConditions(
  conditions: readonly Condition[] | undefined,
  failure: string | undefined,
): ConditionChange[] {
  if (failure !== undefined) return [set("Synchronized", "False", conditionReasons.syncFailed, failure)];
  return conditionOf(conditions, "Synchronized")?.reason === conditionReasons.syncFailed
    ? [{ remove: "Synchronized" }]
    : [];
}

function readyCondition(paused: boolean, answers: boolean): ConditionChange {
  if (paused) return set("Ready", "False", conditionReasons.guestNotRunning, "The guest is paused.");
  if (answers) return { set: { type: "Ready", status: "True" } };
  return set("Ready", "False", conditionReasons.podNotReady, "The guest does not answer its readiness probe.");
}

function pausedCondition(
  { reason, diskErrors }: DomainObservation,
  volumes: NonNullable<InstanceStatus["volumeStatus"]>,
): NewCondition {
  if (reason === "USER") {
    return { type: "Paused", status: "True", reason: conditionReasons.pausedByUser, message: "VMI was paused by user" };
  }
  if (reason === "IOERROR") {
    return {
      type: "Paused",
      status: "True",
      reason: "PausedIOError",
      message: `VMI was paused, low-level IO error detected${diskErrors.map((error) => diskWords(error, volumes)).join("")}`,
    };
  }
  return { type: "Paused", status: "True", reason: "PausedByHypervisor", message: `VMI was paused: ${reason}` };
}

function diskWords(
  { target, full }: DomainObservation["diskErrors"][number],
  volumes: NonNullable<InstanceStatus["volumeStatus"]>,
): string {
  const name = volumes.find((volume) => volume.target === target)?.name ?? target;
  return full
    ? `; the storage of disk "${name}" is full, the guest goes on when there is room`
    : `; the storage of disk "${name}" fails`;
}

function set(type: string, status: NewCondition["status"], reason: string, message: string): ConditionChange {
  return { set: { type, status, reason, message } };
}
