import type { Event } from "../../api/kube/events.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import { conditionOf, isTrue } from "../../api/status/conditions.ts";
import { isFinal } from "../../api/status/phases.ts";

/** The objects of a starting machine. Objects that do not exist, or that the user may not see, are missing. */
export interface Observed {
  readonly machine?: VirtualMachine | undefined;
  readonly instance?: VirtualMachineInstance | undefined;
  /** The placeholder Pod of the instance. */
  readonly pod?: Pod | undefined;
  /** Events of the Pod, the oldest first. */
  readonly podEvents?: readonly Event[];
  /** Warnings of the instance, the oldest first. */
  readonly warnings?: readonly Event[];
}

/** The progress of a start, in words for a person. */
export interface Stage {
  readonly state: "underway" | "done" | "failed";
  readonly text: string;
}

const underway = (text: string): Stage => ({ state: "underway", text });
const failed = (text: string): Stage => ({ state: "failed", text });

/** Computes the progress of a machine's start from its objects. Repeats the words of scheduler, kubelet and daemon. */
export function stageOf(observed: Observed): Stage {
  const { machine, instance } = observed;
  if (machine?.metadata.deletionTimestamp) return failed("it is being deleted");
  if (!instance) return withoutInstance(machine);
  const { phase, nodeName = "its node" } = instance.status ?? {};
  // The controller deletes an ended instance before it does the requested start.
  const isInTheWay = isFinal(phase) && (machine?.status?.stateChangeRequests ?? []).length > 0;
  if (instance.metadata.deletionTimestamp || isInTheWay) return underway("waiting for the last run to end");
  if (phase === "Running") return running(instance);
  if (phase === "Failed") return failed(endOf(observed, "the virtual machine failed"));
  if (phase === "Succeeded") return failed(endOf(observed, "the guest has shut down already"));
  // The hand-over happens when the Pod is bound. The kubelet pulls images, or fails to, after that.
  const made = observed.pod?.status?.containerStatuses?.every(({ state }) => state?.running);
  if (phase === "Scheduled" && made) return underway(told(instance) ?? `defining the machine on ${nodeName}`);
  // The Pod has not come yet, or the user may not see it, so its progress is unknown.
  if (phase === "Scheduled" && !observed.pod) return underway(told(instance) ?? `placed on ${nodeName}`);
  return placing(observed, instance);
}

function withoutInstance(machine: VirtualMachine | undefined): Stage {
  const { conditions, printableStatus } = machine?.status ?? {};
  const failure = conditionOf(conditions, "Failure");
  if (failure?.status === "True") return failed(failure.message ?? failure.reason ?? "it cannot be started");
  if (printableStatus === "CrashLoopBackOff") return failed("it fails again and again (CrashLoopBackOff)");
  return underway("waiting for the controller");
}

function running({ status }: VirtualMachineInstance): Stage {
  const { nodeName = "its node", interfaces, conditions } = status ?? {};
  const address = interfaces?.find(({ ipAddress }) => ipAddress)?.ipAddress;
  const where = `on ${nodeName}${address ? `, ${address}` : ""}`;
  if (isTrue(conditions, "Paused")) return { state: "done", text: `is paused ${where}` };
  if (isTrue(conditions, "Ready")) return { state: "done", text: `runs ${where}` };
  const message = conditionOf(conditions, "Ready")?.message;
  return underway(`booting ${where}${message ? `: ${message}` : ""}`);
}

/** Returns the stage before the hand-over. */
function placing({ pod, podEvents = [] }: Observed, instance: VirtualMachineInstance): Stage {
  const problem = told(instance);
  if (!pod) return underway(problem ?? "making its pod");
  const node = pod.spec?.nodeName;
  if (!node) {
    const scheduled = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
    if (scheduled?.status !== "False") return underway("looking for a node");
    return underway(`no node for it yet: ${scheduled.message ?? scheduled.reason ?? "no reason given"}`);
  }
  const waiting = pod.status?.containerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting;
  const { reason = "", message = "" } = waiting ?? {};
  if (hopeless.has(reason)) return failed(message || reason);
  if (reason === "ErrImagePull") return underway(`${reason}: ${message}`);
  const last = podEvents.at(-1);
  if (last?.reason === "Pulling") return underway(`placed on ${node}, ${lowerFirst(last.message ?? "pulling")}`);
  if (last?.type === "Warning") return underway(`placed on ${node}: ${last.message ?? last.reason ?? ""}`);
  return underway(problem ?? `placed on ${node}, making its pod`);
}

/** Reasons of a waiting container that more retries will not fix soon. */
const hopeless = new Set(["ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "ErrImageNeverPull"]);

/** Returns the obstacle in the instance's own conditions. */
function told({ status }: VirtualMachineInstance): string | undefined {
  for (const type of ["Synchronized", "Provisioning", "PodScheduled"]) {
    const condition = conditionOf(status?.conditions, type);
    if (condition?.status === "False" && condition.message) return condition.message;
  }
  return undefined;
}

function endOf({ instance, warnings = [] }: Observed, otherwise: string): string {
  const { reason, conditions } = instance?.status ?? {};
  const why =
    conditionOf(conditions, "Synchronized")?.message ??
    warnings.at(-1)?.message ??
    conditionOf(conditions, "Ready")?.message ??
    reason;
  return why ? `${otherwise}: ${why}` : otherwise;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
