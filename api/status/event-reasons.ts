/** Reasons of events that users and clients look for. */
export const eventReasons = {
  successfulCreate: "SuccessfulCreate",
  failedCreate: "FailedCreate",
  /** Annotations of an instance that its pod did not get; a name of ours. */
  annotationsWithheld: "AnnotationsWithheld",
  /** Network data that the guest's cloud-init does not use; a name of ours. */
  networkDataIgnored: "NetworkDataIgnored",
  successfulDelete: "SuccessfulDelete",
  failedDelete: "FailedDelete",
  started: "Started",
  shuttingDown: "ShuttingDown",
  stopped: "Stopped",
  /** An object is deleted because nobody renewed its expiry; a name of ours. */
  expired: "Expired",
  deleted: "Deleted",
  paused: "Paused",
  unpaused: "Unpaused",
  syncFailed: "SyncFailed",
  nodeSilent: "NodeDaemonSilent",
  kubevirtPresent: "KubeVirtPresent",
} as const;
export type EventReason = (typeof eventReasons)[keyof typeof eventReasons];
