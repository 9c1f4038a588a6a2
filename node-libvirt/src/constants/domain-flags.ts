/** `virDomainModificationImpact`: whether a change is for the running domain, its definition, or both. */
export const DomainModificationImpact = {
  CURRENT: 0,
  LIVE: 1,
  CONFIG: 2,
} as const;

/** `virDomainCreateFlags`: how a domain is started. */
export const DomainCreateFlags = {
  NONE: 0,
  PAUSED: 1,
  AUTODESTROY: 2,
  BYPASS_CACHE: 4,
  FORCE_BOOT: 8,
  VALIDATE: 16,
  RESET_NVRAM: 32,
} as const;

/** `virDomainDefineFlags`: how a definition is checked. */
export const DomainDefineFlags = {
  VALIDATE: 1,
} as const;

/** `virDomainUndefineFlagsValues`: what goes, or stays, with the definition. */
export const DomainUndefineFlags = {
  MANAGED_SAVE: 1,
  SNAPSHOTS_METADATA: 2,
  NVRAM: 4,
  KEEP_NVRAM: 8,
  CHECKPOINTS_METADATA: 16,
  TPM: 32,
  KEEP_TPM: 64,
} as const;

/** `virDomainDestroyFlagsValues`: how hard QEMU is killed. */
export const DomainDestroyFlags = {
  DEFAULT: 0,
  GRACEFUL: 1,
  REMOVE_LOGS: 2,
} as const;

/** `virDomainShutdownFlagValues`: by which way the guest is asked to shut down. */
export const DomainShutdownFlags = {
  DEFAULT: 0,
  ACPI_POWER_BTN: 1,
  GUEST_AGENT: 2,
  INITCTL: 4,
  SIGNAL: 8,
  PARAVIRT: 16,
} as const;

/** `virDomainRebootFlagValues`: by which way the guest is asked to reboot. */
export const DomainRebootFlags = {
  DEFAULT: 0,
  ACPI_POWER_BTN: 1,
  GUEST_AGENT: 2,
  INITCTL: 4,
  SIGNAL: 8,
  PARAVIRT: 16,
} as const;

/** `virDomainXMLFlags`: what the XML shows. */
export const DomainXMLFlags = {
  SECURE: 1,
  INACTIVE: 2,
  UPDATE_CPU: 4,
  MIGRATABLE: 8,
} as const;

/** `virDomainSaveRestoreFlags`: how a memory image is saved and restored. */
export const DomainSaveRestoreFlags = {
  BYPASS_CACHE: 1,
  RUNNING: 2,
  PAUSED: 4,
  RESET_NVRAM: 8,
} as const;

/** `virDomainCoreDumpFlags`: how a core is dumped. */
export const DomainCoreDumpFlags = {
  CRASH: 1,
  LIVE: 2,
  BYPASS_CACHE: 4,
  RESET: 8,
  MEMORY_ONLY: 16,
} as const;

/** `virDomainCoreDumpFormat`: the format of a core. */
export const DomainCoreDumpFormat = {
  RAW: 0,
  KDUMP_ZLIB: 1,
  KDUMP_LZO: 2,
  KDUMP_SNAPPY: 3,
  WIN_DMP: 4,
} as const;

/** `virDomainVcpuFlags`: which vCPU count is meant. */
export const DomainVcpuFlags = {
  CURRENT: 0,
  LIVE: 1,
  CONFIG: 2,
  MAXIMUM: 4,
  GUEST: 8,
  HOTPLUGGABLE: 16,
} as const;

/** `virDomainMemoryModFlags`: which memory size is meant. */
export const DomainMemoryModFlags = {
  CURRENT: 0,
  LIVE: 1,
  CONFIG: 2,
  MAXIMUM: 4,
} as const;

/** `virDomainMemoryFlags`: what kind of addresses the guest's memory is read by. */
export const DomainMemoryFlags = {
  VIRTUAL: 1,
  PHYSICAL: 2,
} as const;

/** `virDomainDeviceModifyFlags`: which side a device change is for. */
export const DomainDeviceModifyFlags = {
  CURRENT: 0,
  LIVE: 1,
  CONFIG: 2,
  FORCE: 4,
} as const;

/** `virKeycodeSet`: the meaning of key codes. */
export const KeycodeSet = {
  LINUX: 0,
  XT: 1,
  ATSET1: 2,
  ATSET2: 3,
  ATSET3: 4,
  OSX: 5,
  XT_KBD: 6,
  USB: 7,
  WIN32: 8,
  QNUM: 9,
} as const;

/**
 * `virDomainConsoleFlags`: what happens to who has the console already. FORCE takes it away; libvirtd 9.0 has been seen
 * to crash when the other client's connection went away in that moment.
 */
export const DomainConsoleFlags = {
  FORCE: 1,
  SAFE: 2,
} as const;

/** `virDomainChannelFlags`: what happens to who has the channel already. */
export const DomainChannelFlags = {
  FORCE: 1,
} as const;

/** `virNodeSuspendTarget`: to where a machine suspends. */
export const NodeSuspendTarget = {
  MEM: 0,
  DISK: 1,
  HYBRID: 2,
} as const;

/** `virDomainGetJobStatsFlags`: which job the statistics are of. */
export const DomainGetJobStatsFlags = {
  COMPLETED: 1,
  KEEP_COMPLETED: 2,
} as const;

/** `virDomainAbortJobFlagsValues`: how a job is aborted. */
export const DomainAbortJobFlags = {
  POSTCOPY: 1,
} as const;

/** `virConnectListAllDomainsFlags`: which domains are listed. */
export const ListAllDomainsFlags = {
  ACTIVE: 1,
  INACTIVE: 2,
  PERSISTENT: 4,
  TRANSIENT: 8,
  RUNNING: 16,
  PAUSED: 32,
  SHUTOFF: 64,
  OTHER: 128,
  MANAGEDSAVE: 256,
  NO_MANAGEDSAVE: 512,
  AUTOSTART: 1024,
  NO_AUTOSTART: 2048,
  HAS_SNAPSHOT: 4096,
  NO_SNAPSHOT: 8192,
  HAS_CHECKPOINT: 16384,
  NO_CHECKPOINT: 32768,
} as const;

/** `virDomainStatsTypes`: which groups of statistics are wanted. */
export const DomainStatsTypes = {
  STATE: 1,
  CPU_TOTAL: 2,
  BALLOON: 4,
  VCPU: 8,
  INTERFACE: 16,
  BLOCK: 32,
  PERF: 64,
  IOTHREAD: 128,
  MEMORY: 256,
  DIRTYRATE: 512,
  VM: 1024,
} as const;

/** `virConnectGetAllDomainStatsFlags`: of which domains statistics are wanted. */
export const GetAllDomainStatsFlags = {
  ACTIVE: 1,
  INACTIVE: 2,
  PERSISTENT: 4,
  TRANSIENT: 8,
  RUNNING: 16,
  PAUSED: 32,
  SHUTOFF: 64,
  OTHER: 128,
  NOWAIT: 0x20000000,
  BACKING: 0x40000000,
  ENFORCE_STATS: 0x80000000,
} as const;
