/** `virDomainState`: the state of a domain. */
export const DomainState = {
  NOSTATE: 0,
  RUNNING: 1,
  BLOCKED: 2,
  PAUSED: 3,
  SHUTDOWN: 4,
  SHUTOFF: 5,
  CRASHED: 6,
  PMSUSPENDED: 7,
} as const;

/** `virDomainNostateReason`: why a domain is in NOSTATE. */
export const NostateReason = {
  UNKNOWN: 0,
} as const;

/** `virDomainRunningReason`: why a domain is RUNNING. */
export const RunningReason = {
  UNKNOWN: 0,
  BOOTED: 1,
  MIGRATED: 2,
  RESTORED: 3,
  FROM_SNAPSHOT: 4,
  UNPAUSED: 5,
  MIGRATION_CANCELED: 6,
  SAVE_CANCELED: 7,
  WAKEUP: 8,
  CRASHED: 9,
  POSTCOPY: 10,
  POSTCOPY_FAILED: 11,
} as const;

/** `virDomainBlockedReason`: why a domain is BLOCKED. */
export const BlockedReason = {
  UNKNOWN: 0,
} as const;

/** `virDomainPausedReason`: why a domain is PAUSED. */
export const PausedReason = {
  UNKNOWN: 0,
  USER: 1,
  MIGRATION: 2,
  SAVE: 3,
  DUMP: 4,
  IOERROR: 5,
  WATCHDOG: 6,
  FROM_SNAPSHOT: 7,
  SHUTTING_DOWN: 8,
  SNAPSHOT: 9,
  CRASHED: 10,
  STARTING_UP: 11,
  POSTCOPY: 12,
  POSTCOPY_FAILED: 13,
} as const;

/** `virDomainShutdownReason`: why a domain is in SHUTDOWN, before it is off. */
export const ShutdownReason = {
  UNKNOWN: 0,
  USER: 1,
} as const;

/** `virDomainShutoffReason`: why a domain is SHUTOFF. */
export const ShutoffReason = {
  UNKNOWN: 0,
  SHUTDOWN: 1,
  DESTROYED: 2,
  CRASHED: 3,
  MIGRATED: 4,
  SAVED: 5,
  FAILED: 6,
  FROM_SNAPSHOT: 7,
  DAEMON: 8,
} as const;

/** `virDomainCrashedReason`: why a domain is CRASHED. */
export const CrashedReason = {
  UNKNOWN: 0,
  PANICKED: 1,
} as const;

/** `virDomainPMSuspendedReason`: why a domain is PMSUSPENDED. */
export const PMSuspendedReason = {
  UNKNOWN: 0,
} as const;

/** The reasons of each state. A reason's number has no meaning without its state. */
export const stateReasons = {
  NOSTATE: NostateReason,
  RUNNING: RunningReason,
  BLOCKED: BlockedReason,
  PAUSED: PausedReason,
  SHUTDOWN: ShutdownReason,
  SHUTOFF: ShutoffReason,
  CRASHED: CrashedReason,
  PMSUSPENDED: PMSuspendedReason,
} as const;

/** `virDomainControlState`: whether libvirt can talk to the domain's QEMU now. */
export const DomainControlState = {
  OK: 0,
  JOB: 1,
  OCCUPIED: 2,
  ERROR: 3,
} as const;

/** `virDomainJobType`: the state of a domain job. */
export const DomainJobType = {
  NONE: 0,
  BOUNDED: 1,
  UNBOUNDED: 2,
  COMPLETED: 3,
  FAILED: 4,
  CANCELLED: 5,
} as const;

/** `virDomainJobOperation`: the operation of a domain job; `operation` of the job statistics. */
export const DomainJobOperation = {
  UNKNOWN: 0,
  START: 1,
  SAVE: 2,
  RESTORE: 3,
  MIGRATION_IN: 4,
  MIGRATION_OUT: 5,
  SNAPSHOT: 6,
  SNAPSHOT_REVERT: 7,
  DUMP: 8,
  BACKUP: 9,
  SNAPSHOT_DELETE: 10,
} as const;

/** `virDomainBlockJobType`: the operation of a block job. */
export const DomainBlockJobType = {
  UNKNOWN: 0,
  PULL: 1,
  COPY: 2,
  COMMIT: 3,
  ACTIVE_COMMIT: 4,
  BACKUP: 5,
} as const;

/** `virDomainMemoryStatTags`: the values of `memoryStats`, in KiB except for faults and times. */
export const DomainMemoryStatTag = {
  SWAP_IN: 0,
  SWAP_OUT: 1,
  MAJOR_FAULT: 2,
  MINOR_FAULT: 3,
  UNUSED: 4,
  AVAILABLE: 5,
  ACTUAL_BALLOON: 6,
  RSS: 7,
  USABLE: 8,
  LAST_UPDATE: 9,
  DISK_CACHES: 10,
  HUGETLB_PGALLOC: 11,
  HUGETLB_PGFAIL: 12,
  NR: 13,
} as const;

/** `virDomainDiskErrorCode`: the error of a disk. */
export const DomainDiskError = {
  NONE: 0,
  UNSPEC: 1,
  NO_SPACE: 2,
} as const;

/** `virVcpuState`: the state of a virtual CPU. */
export const VcpuState = {
  OFFLINE: 0,
  RUNNING: 1,
  BLOCKED: 2,
} as const;
