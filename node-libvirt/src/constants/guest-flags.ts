/** `virDomainInterfaceAddressesSource`: the source of the addresses. */
export const InterfaceAddressesSource = {
  LEASE: 0,
  AGENT: 1,
  ARP: 2,
} as const;

/** `virIPAddrType`: the two kinds of IP address. */
export const IPAddrType = {
  IPV4: 0,
  IPV6: 1,
} as const;

/** `virDomainGuestInfoTypes`: the groups of facts to ask the guest agent for. */
export const GuestInfoTypes = {
  USERS: 1,
  OS: 2,
  TIMEZONE: 4,
  HOSTNAME: 8,
  FILESYSTEM: 16,
  DISKS: 32,
  INTERFACES: 64,
} as const;

/** `virDomainSetTimeFlags`: how the time is set. */
export const DomainSetTimeFlags = {
  SYNC: 1,
} as const;

/** `virDomainSetUserPasswordFlags`: how the password is given. */
export const SetUserPasswordFlags = {
  ENCRYPTED: 1,
} as const;

/** `virDomainAuthorizedSSHKeysSetFlags`: whether keys are set, added or removed. */
export const AuthorizedSSHKeysFlags = {
  APPEND: 1,
  REMOVE: 2,
} as const;

/** `virDomainGetHostnameFlags`: the source of the host name. */
export const DomainGetHostnameFlags = {
  LEASE: 1,
  AGENT: 2,
} as const;

/** `virDomainAgentResponseTimeoutValues`: special values of `agentSetResponseTimeout`; others are seconds. */
export const AgentResponseTimeout = {
  BLOCK: -2,
  DEFAULT: -1,
  NOWAIT: 0,
} as const;

/** `virDomainQemuAgentCommandTimeoutValues`: special values of `agentCommand`'s time limit; others are seconds. */
export const AgentCommandTimeout = {
  BLOCK: -2,
  DEFAULT: -1,
  NOWAIT: 0,
  SHUTDOWN: 60,
} as const;

/** `virDomainQemuMonitorCommandFlags`: the language of a monitor command. */
export const MonitorCommandFlags = {
  DEFAULT: 0,
  HMP: 1,
} as const;

/** `virConnectDomainQemuMonitorEventRegisterFlags`: how libvirt matches the name of a monitor event. */
export const MonitorEventFlags = {
  REGEX: 1,
  NOCASE: 2,
} as const;
