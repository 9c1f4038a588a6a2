/** The condition types of an instance. */
export const instanceConditions = [
  "Ready",
  "Synchronized",
  "Paused",
  "AgentConnected",
  "AgentVersionNotSupported",
  "AccessCredentialsSynchronized",
  "LiveMigratable",
  "StorageLiveMigratable",
  "SoftwareEmulation",
  "Provisioning",
  "EvictionRequested",
  "MigrationRequired",
  "DataVolumesReady",
  "HotVCPUChange",
  "HotMemoryChange",
  "VolumesChange",
] as const;
export type InstanceConditionType = (typeof instanceConditions)[number];

/** The condition types of a machine, beside those of its instance. */
export const machineConditions = ["Ready", "Failure", "RestartRequired", "ManualRecoveryRequired"] as const;
export type MachineConditionType = (typeof machineConditions)[number];

/** Reasons of conditions that clients look for. */
export const conditionReasons = {
  /** Not ready: the placeholder pod is terminating. */
  podTerminating: "PodTerminating",
  /** Not ready: there is no placeholder pod. */
  podNotExists: "PodNotExists",
  /** Not ready: the placeholder pod has no such condition yet. */
  podConditionMissing: "PodConditionMissing",
  /** Not ready: the guest does not answer its readiness probe, so the placeholder pod is not ready. */
  podNotReady: "ContainersNotReady",
  /** Not ready: the guest does not run. */
  guestNotRunning: "GuestNotRunning",
  /** Not ready, as far as known: the node has not reported lately. It is Kubernetes' reason for pods on such a node. */
  nodeNotReady: "NodeNotReady",
  /** Not ready: a machine has no instance. */
  instanceNotExists: "VMINotExists",
  /** Not ready: the scheduler found no node. */
  unschedulable: "Unschedulable",
  /** Not synchronized: the node daemon could not do a step. It tries again unless the step is refused. */
  syncFailed: "SyncFailed",
  /** Not synchronized: the API server refused the placeholder pod. */
  podRefused: "FailedCreate",
  /** Not synchronized: a volume's PersistentVolumeClaim does not exist. */
  claimNotFound: "FailedPvcNotFound",
  /** Not synchronized: a network's NetworkAttachmentDefinition does not exist; a name of ours. */
  networkNotFound: "NetworkNotFound",
  /** Not synchronized: a network belongs to another namespace and is not for all; a name of ours. */
  networkNotAllowed: "NetworkNotAllowed",
  /** Paused: a user asked for it. */
  pausedByUser: "PausedByUser",
  /** Not migratable; KubeVirt has its own reasons for disks and interfaces. */
  notMigratable: "NotMigratable",
  disksNotMigratable: "DisksNotLiveMigratable",
  interfaceNotMigratable: "InterfaceNotLiveMigratable",
} as const;
