/** `virDomainBlockResizeFlags`: the unit of the size: KiB, or BYTES. */
export const BlockResizeFlags = {
  BYTES: 1,
} as const;

/** `virDomainBlockCopyFlags`: how a disk is copied. */
export const BlockCopyFlags = {
  SHALLOW: 1,
  REUSE_EXT: 2,
  TRANSIENT_JOB: 4,
  SYNCHRONOUS_WRITES: 8,
} as const;

/** `virDomainBlockCommitFlags`: how a disk is committed to its backing file. */
export const BlockCommitFlags = {
  SHALLOW: 1,
  DELETE: 2,
  ACTIVE: 4,
  RELATIVE: 8,
  BANDWIDTH_BYTES: 16,
} as const;

/** `virDomainBlockPullFlags`: the unit of the bandwidth: MiB/s, or BYTES/s. */
export const BlockPullFlags = {
  BANDWIDTH_BYTES: 64,
} as const;

/** `virDomainBlockRebaseFlags`: how a disk is rebased. */
export const BlockRebaseFlags = {
  SHALLOW: 1,
  REUSE_EXT: 2,
  COPY_RAW: 4,
  COPY: 8,
  RELATIVE: 16,
  COPY_DEV: 32,
  BANDWIDTH_BYTES: 64,
} as const;

/** `virDomainBlockJobAbortFlags`: how a block job ends. */
export const BlockJobAbortFlags = {
  ASYNC: 1,
  PIVOT: 2,
} as const;

/** `virDomainBlockJobInfoFlags`: the unit of the bandwidth: MiB/s, or BYTES/s. */
export const BlockJobInfoFlags = {
  BANDWIDTH_BYTES: 1,
} as const;

/** `virDomainBlockJobSetSpeedFlags`: the unit of the bandwidth: MiB/s, or BYTES/s. */
export const BlockJobSetSpeedFlags = {
  BANDWIDTH_BYTES: 1,
} as const;

/** `virDomainSnapshotCreateFlags`: how a snapshot is made. */
export const SnapshotCreateFlags = {
  REDEFINE: 1,
  CURRENT: 2,
  NO_METADATA: 4,
  HALT: 8,
  DISK_ONLY: 16,
  REUSE_EXT: 32,
  QUIESCE: 64,
  ATOMIC: 128,
  LIVE: 256,
  VALIDATE: 512,
} as const;

/** `virDomainSnapshotListFlags`: which snapshots are listed. */
export const SnapshotListFlags = {
  ROOTS: 1,
  DESCENDANTS: 1,
  LEAVES: 4,
  NO_LEAVES: 8,
  METADATA: 2,
  NO_METADATA: 16,
  INACTIVE: 32,
  ACTIVE: 64,
  DISK_ONLY: 128,
  INTERNAL: 256,
  EXTERNAL: 512,
  TOPOLOGICAL: 1024,
} as const;

/** `virDomainSnapshotRevertFlags`: in which state the domain comes back. */
export const SnapshotRevertFlags = {
  RUNNING: 1,
  PAUSED: 2,
  FORCE: 4,
  RESET_NVRAM: 8,
} as const;

/** `virDomainSnapshotDeleteFlags`: the parts to delete with a snapshot. */
export const SnapshotDeleteFlags = {
  CHILDREN: 1,
  METADATA_ONLY: 2,
  CHILDREN_ONLY: 4,
} as const;

/** `virDomainCheckpointCreateFlags`: how a checkpoint is made. */
export const CheckpointCreateFlags = {
  REDEFINE: 1,
  QUIESCE: 2,
  REDEFINE_VALIDATE: 4,
} as const;

/** `virDomainCheckpointXMLFlags`: the content of a checkpoint's XML. */
export const CheckpointXMLFlags = {
  SECURE: 1,
  NO_DOMAIN: 2,
  SIZE: 4,
} as const;

/** `virDomainCheckpointListFlags`: which checkpoints are listed. */
export const CheckpointListFlags = {
  ROOTS: 1,
  DESCENDANTS: 1,
  TOPOLOGICAL: 2,
  LEAVES: 4,
  NO_LEAVES: 8,
} as const;

/** `virDomainCheckpointDeleteFlags`: the parts to delete with a checkpoint. */
export const CheckpointDeleteFlags = {
  CHILDREN: 1,
  METADATA_ONLY: 2,
  CHILDREN_ONLY: 4,
} as const;

/** `virDomainBackupBeginFlags`: how a backup starts. */
export const BackupBeginFlags = {
  REUSE_EXTERNAL: 1,
} as const;
