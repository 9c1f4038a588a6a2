/** `virDomainEventType`: the change of a domain. */
export const DomainEventType = {
  DEFINED: 0,
  UNDEFINED: 1,
  STARTED: 2,
  SUSPENDED: 3,
  RESUMED: 4,
  STOPPED: 5,
  SHUTDOWN: 6,
  PMSUSPENDED: 7,
  CRASHED: 8,
} as const;

/** `virDomainEventDefinedDetailType`: the detail of DEFINED. */
export const DefinedDetail = {
  ADDED: 0,
  UPDATED: 1,
  RENAMED: 2,
  FROM_SNAPSHOT: 3,
} as const;

/** `virDomainEventUndefinedDetailType`: the detail of UNDEFINED. */
export const UndefinedDetail = {
  REMOVED: 0,
  RENAMED: 1,
} as const;

/** `virDomainEventStartedDetailType`: the detail of STARTED. */
export const StartedDetail = {
  BOOTED: 0,
  MIGRATED: 1,
  RESTORED: 2,
  FROM_SNAPSHOT: 3,
  WAKEUP: 4,
} as const;

/** `virDomainEventSuspendedDetailType`: the detail of SUSPENDED. */
export const SuspendedDetail = {
  PAUSED: 0,
  MIGRATED: 1,
  IOERROR: 2,
  WATCHDOG: 3,
  RESTORED: 4,
  FROM_SNAPSHOT: 5,
  API_ERROR: 6,
  POSTCOPY: 7,
  POSTCOPY_FAILED: 8,
} as const;

/** `virDomainEventResumedDetailType`: the detail of RESUMED. */
export const ResumedDetail = {
  UNPAUSED: 0,
  MIGRATED: 1,
  FROM_SNAPSHOT: 2,
  POSTCOPY: 3,
  POSTCOPY_FAILED: 4,
} as const;

/** `virDomainEventStoppedDetailType`: the detail of STOPPED. */
export const StoppedDetail = {
  SHUTDOWN: 0,
  DESTROYED: 1,
  CRASHED: 2,
  MIGRATED: 3,
  SAVED: 4,
  FAILED: 5,
  FROM_SNAPSHOT: 6,
} as const;

/** `virDomainEventShutdownDetailType`: the detail of SHUTDOWN. */
export const ShutdownDetail = {
  FINISHED: 0,
  GUEST: 1,
  HOST: 2,
} as const;

/** `virDomainEventPMSuspendedDetailType`: the detail of PMSUSPENDED. */
export const PMSuspendedDetail = {
  MEMORY: 0,
  DISK: 1,
} as const;

/** `virDomainEventCrashedDetailType`: the detail of CRASHED. */
export const CrashedDetail = {
  PANICKED: 0,
  CRASHLOADED: 1,
} as const;

/** The details of each lifecycle event. A detail's number has no meaning without its event. */
export const eventDetails = {
  DEFINED: DefinedDetail,
  UNDEFINED: UndefinedDetail,
  STARTED: StartedDetail,
  SUSPENDED: SuspendedDetail,
  RESUMED: ResumedDetail,
  STOPPED: StoppedDetail,
  SHUTDOWN: ShutdownDetail,
  PMSUSPENDED: PMSuspendedDetail,
  CRASHED: CrashedDetail,
} as const;

/** `virDomainEventWatchdogAction`: libvirt's action when the watchdog fired. */
export const WatchdogAction = {
  NONE: 0,
  PAUSE: 1,
  RESET: 2,
  POWEROFF: 3,
  SHUTDOWN: 4,
  DEBUG: 5,
  INJECTNMI: 6,
} as const;

/** `virDomainEventIOErrorAction`: the action after a failed disk request. */
export const IOErrorAction = {
  NONE: 0,
  PAUSE: 1,
  REPORT: 2,
} as const;

/** `virDomainEventGraphicsPhase`: the phase of a VNC or SPICE client's connection. */
export const GraphicsPhase = {
  CONNECT: 0,
  INITIALIZE: 1,
  DISCONNECT: 2,
} as const;

/** `virDomainEventGraphicsAddressType`: the kind of a graphics address. */
export const GraphicsAddressType = {
  IPV4: 0,
  IPV6: 1,
  UNIX: 2,
} as const;

/** `virConnectDomainEventBlockJobStatus`: how a block job ended, or that it is READY for a pivot. */
export const BlockJobStatus = {
  COMPLETED: 0,
  FAILED: 1,
  CANCELED: 2,
  READY: 3,
} as const;

/** `virConnectDomainEventDiskChangeReason`: why a disk was changed at the start. */
export const DiskChangeReason = {
  CHANGE_MISSING_ON_START: 0,
  DROP_MISSING_ON_START: 1,
} as const;

/** `virDomainEventTrayChangeReason`: the direction in which the tray of a CD-ROM moved. */
export const TrayChangeReason = {
  OPEN: 0,
  CLOSE: 1,
} as const;

/** `virConnectDomainEventAgentLifecycleState`: whether the guest agent is connected. */
export const AgentState = {
  CONNECTED: 1,
  DISCONNECTED: 2,
} as const;

/** `virConnectDomainEventAgentLifecycleReason`: why the state of the guest agent changed. */
export const AgentReason = {
  UNKNOWN: 0,
  DOMAIN_STARTED: 1,
  CHANNEL: 2,
} as const;

/** `virDomainMemoryFailureRecipientType`: the owner of the broken memory. */
export const MemoryFailureRecipient = {
  HYPERVISOR: 0,
  GUEST: 1,
} as const;

/** `virDomainMemoryFailureActionType`: the action after a memory failure. */
export const MemoryFailureAction = {
  IGNORE: 0,
  INJECT: 1,
  FATAL: 2,
  RESET: 3,
} as const;

/** `virDomainMemoryFailureFlags`: details of a memory failure. */
export const MemoryFailureFlags = {
  ACTION_REQUIRED: 1,
  RECURSIVE: 2,
} as const;

/** `virDomainMetadataType`: the three kinds of metadata. */
export const DomainMetadataType = {
  DESCRIPTION: 0,
  TITLE: 1,
  ELEMENT: 2,
} as const;
