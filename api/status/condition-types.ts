/** What an instance's conditions are about. */
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

/** What a machine's conditions are about, beside those of its instance. */
export const machineConditions = ["Ready", "Failure", "RestartRequired", "ManualRecoveryRequired"] as const;
export type MachineConditionType = (typeof machineConditions)[number];

/** Reasons of conditions that clients look for. */
export const conditionReasons = {
  /** Not ready: the placeholder pod is going. */
  podTerminating: "PodTerminating",
  /** Not ready: there is no placeholder pod. */
  podNotExists: "PodNotExists",
  /** Not ready: the placeholder pod has no such condition yet. */
  podConditionMissing: "PodConditionMissing",
  /** Not ready: the guest does not answer its readiness probe, so the placeholder pod is not ready. */
  podNotReady: "ContainersNotReady",
  /** Not ready: the guest does not run. */
  guestNotRunning: "GuestNotRunning",
  /** Not ready, for all that is known: the node has not been heard of lately. Kubernetes' reason for pods there. */
  nodeNotReady: "NodeNotReady",
  /** Not ready: a machine has no instance. */
  instanceNotExists: "VMINotExists",
  /** Not ready: the scheduler found no node. */
  unschedulable: "Unschedulable",
  /** Not synchronized: the node daemon could not do a step, and tries again unless it is refused. */
  syncFailed: "SyncFailed",
  /** Not synchronized: the placeholder pod was refused. */
  podRefused: "FailedCreate",
  /** Not synchronized: a volume's PersistentVolumeClaim is not there. */
  claimNotFound: "FailedPvcNotFound",
  /** Not synchronized: a network's NetworkAttachmentDefinition is not there; a name of ours. */
  networkNotFound: "NetworkNotFound",
  /** Not synchronized: a network is another namespace's, and not for all; a name of ours. */
  networkNotAllowed: "NetworkNotAllowed",
  /** Paused: somebody asked for it. */
  pausedByUser: "PausedByUser",
  /** Not migratable, and for which of these KubeVirt has a reason of its own. */
  notMigratable: "NotMigratable",
  disksNotMigratable: "DisksNotLiveMigratable",
  interfaceNotMigratable: "InterfaceNotLiveMigratable",
} as const;
