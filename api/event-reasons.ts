/** Reasons of events that users and clients look for. */
export const eventReasons = {
  successfulCreate: "SuccessfulCreate",
  failedCreate: "FailedCreate",
  successfulDelete: "SuccessfulDelete",
  failedDelete: "FailedDelete",
  created: "Created",
  started: "Started",
  shuttingDown: "ShuttingDown",
  stopped: "Stopped",
  deleted: "Deleted",
  paused: "Paused",
  unpaused: "Unpaused",
  syncFailed: "SyncFailed",
  nodeSilent: "NodeDaemonSilent",
  kubevirtPresent: "KubeVirtPresent",
} as const;
export type EventReason = (typeof eventReasons)[keyof typeof eventReasons];
