import { conditionReasons } from "../../api/status/condition-types.ts";
import { conditionOf, isTrue } from "../../api/status/conditions.ts";
import { isFinal } from "../../api/status/phases.ts";
import { type PrintableStatus, runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import type { Decision } from "./run-strategy.ts";
import type { StartFailure } from "./start-failure.ts";

export interface PrintableFacts {
  readonly machine: SlimMachine;
  readonly instance: SlimInstance | undefined;
  readonly decision: Decision;
  readonly startFailure: StartFailure | undefined;
}

/** A kubelet's reasons for a missing image, and the status for each. */
const imageTroubles: Readonly<Record<string, PrintableStatus>> = {
  ErrImagePull: "ErrImagePull",
  ErrImageNeverPull: "ErrImagePull",
  InvalidImageName: "ErrImagePull",
  ImageInspectError: "ErrImagePull",
  RegistryUnavailable: "ErrImagePull",
  SignatureValidationFailed: "ErrImagePull",
  ImagePullBackOff: "ImagePullBackOff",
};

/** The state of a machine, in one word. */
export function printableStatusOf({ instance, ...facts }: PrintableFacts): PrintableStatus {
  if (facts.machine.metadata.deletionTimestamp !== undefined) return "Terminating";
  if (!instance || isFinal(instance.status?.phase)) return withoutGuest(facts);
  if (instance.metadata.deletionTimestamp !== undefined || facts.decision.action === "stop") return "Stopping";
  const { phase, conditions } = instance.status ?? {};
  const isNodeSilent = conditionOf(conditions, "Ready")?.reason === conditionReasons.nodeNotReady;
  if (phase === "Unknown" || isNodeSilent) return "Unknown";
  if (phase !== "Running") return onItsWay(instance);
  return isTrue(conditions, "Paused") ? "Paused" : "Running";
}

function withoutGuest({ machine, decision, startFailure }: Omit<PrintableFacts, "instance">): PrintableStatus {
  const strategy = runStrategyOf(machine.spec);
  const repeats = strategy === "Always" || strategy === "RerunOnFailure";
  if (repeats && (startFailure?.consecutiveFailCount ?? 0) > 0) return "CrashLoopBackOff";
  return decision.action === "start" || decision.action === "turnOn" ? "Starting" : "Stopped";
}

/**
 * The obstacles before and after an instance's pod has a node, and the status for each, since KubeVirt's clients know
 * only its words. A pod that cannot be made counts as unschedulable, and a failed step on the node is retried.
 */
const obstacles: Readonly<Record<string, PrintableStatus>> = {
  [conditionReasons.claimNotFound]: "ErrorPvcNotFound",
  [conditionReasons.podRefused]: "ErrorUnschedulable",
  [conditionReasons.networkNotFound]: "ErrorUnschedulable",
  [conditionReasons.networkNotAllowed]: "ErrorUnschedulable",
  [conditionReasons.syncFailed]: "CrashLoopBackOff",
};

function onItsWay({ status: { conditions, volumeStatus } = {} }: SlimInstance): PrintableStatus {
  const synchronized = conditionOf(conditions, "Synchronized");
  const obstacle = synchronized?.status === "False" ? obstacles[synchronized.reason ?? ""] : undefined;
  if (obstacle) return obstacle;
  const scheduled = conditionOf(conditions, "PodScheduled");
  if (scheduled?.status === "False") {
    if (isClaimMissing(scheduled.message)) return "ErrorPvcNotFound";
    return isClaimUnbound(scheduled.message) ? "WaitingForVolumeBinding" : "ErrorUnschedulable";
  }
  if (volumeStatus?.some(({ phase }) => phase === "Pending")) return "WaitingForVolumeBinding";
  const ready = conditionOf(conditions, "Ready");
  return (ready?.status === "False" && imageTroubles[ready.reason ?? ""]) || "Starting";
}

/** The scheduler has no special reason for a missing claim. */
function isClaimMissing(message: string | undefined): boolean {
  return /persistentvolumeclaim "[^"]*" not found/.test(message ?? "");
}

/** The scheduler also has no special reason for a claim that must be bound before the pod can be placed. */
function isClaimUnbound(message: string | undefined): boolean {
  return message?.includes("unbound immediate PersistentVolumeClaims") === true;
}
