import { InterfaceAddressesSource } from "../constants/guest-flags.ts";
import { guestProcedures as remote } from "../protocol/domain-guest.ts";
import { qemuProcedures } from "../protocol/qemu.ts";
import type { TypedParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { Out } from "../wire/shape.ts";
import { DomainJobs } from "./domain-jobs.ts";

/** A guest's network interface: its name on the host or in the guest, its MAC address, its IP addresses. */
export type DomainInterface = Out<typeof remote.domainInterfaceAddresses.returns>["ifaces"][number];

/** A file system that the guest has mounted. */
export type FSInfo = Out<typeof remote.domainGetFsinfo.returns>["info"][number];

/**
 * Calls to the guest's agent. Without an agent, libvirt refuses each with VIR_ERR_AGENT_UNRESPONSIVE or
 * VIR_ERR_ARGUMENT_UNSUPPORTED. If an agent hangs, libvirt gives up after the time of `agentSetResponseTimeout`.
 */
export class DomainGuest extends DomainJobs {
  /** The guest's IP addresses: from the agent, the DHCP leases of libvirt's networks, or the host's ARP table. */
  async interfaceAddresses(
    source: keyof typeof InterfaceAddressesSource = "LEASE",
    options?: CallOptions,
  ): Promise<DomainInterface[]> {
    const args = { dom: this.ref, source: InterfaceAddressesSource[source] };
    return (await this.connection.call(remote.domainInterfaceAddresses, args, options)).ifaces;
  }

  /** Facts about the guest, such as `os.name` and `fs.0.mountpoint`; all, or some groups of {@link GuestInfoTypes}. */
  async getGuestInfo(types = 0, options?: CallOptions): Promise<TypedParams> {
    return (await this.connection.call(remote.domainGetGuestInfo, { dom: this.ref, types }, options)).params;
  }

  /** See {@link DomainGetHostnameFlags}. */
  async getHostname(flags = 0, options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.domainGetHostname, { dom: this.ref, flags }, options)).hostname;
  }

  /**
   * Sends a command to the guest agent as JSON, and returns its answer as JSON. Waits `timeout` seconds for the agent,
   * or according to {@link AgentCommandTimeout}.
   */
  async agentCommand(cmd: string, timeout = -2, options?: CallOptions): Promise<string> {
    const args = { dom: this.ref, cmd, timeout };
    return (await this.connection.call(qemuProcedures.qemuDomainAgentCommand, args, options)).result ?? "";
  }

  /** Sends QEMU's monitor a command, as JSON or as text ({@link MonitorCommandFlags}.HMP); returns the answer. */
  async monitorCommand(cmd: string, flags = 0, options?: CallOptions): Promise<string> {
    return (await this.connection.call(qemuProcedures.qemuDomainMonitorCommand, { dom: this.ref, cmd, flags }, options))
      .result;
  }

  /** Freezes the guest's file systems, all by default. Returns their number. */
  async fsFreeze(mountpoints: readonly string[] = [], options?: CallOptions): Promise<number> {
    return (await this.connection.call(remote.domainFsfreeze, { dom: this.ref, mountpoints }, options)).filesystems;
  }

  /** Thaws the file systems that {@link fsFreeze} froze. Returns their number. */
  async fsThaw(mountpoints: readonly string[] = [], options?: CallOptions): Promise<number> {
    return (await this.connection.call(remote.domainFsthaw, { dom: this.ref, mountpoints }, options)).filesystems;
  }

  /** Returns unused blocks (in free ranges of at least `minimum` bytes) to the host. */
  async fsTrim(mountPoint?: string, minimum: number | bigint = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainFstrim, { dom: this.ref, mountPoint, minimum }, options);
  }

  async getFSInfo(options?: CallOptions): Promise<FSInfo[]> {
    return (await this.connection.call(remote.domainGetFsinfo, { dom: this.ref }, options)).info;
  }

  /** The guest's clock. */
  async getTime(options?: CallOptions): Promise<{ seconds: number; nseconds: number }> {
    return this.connection.call(remote.domainGetTime, { dom: this.ref }, options);
  }

  /** Sets the guest's clock; see {@link DomainSetTimeFlags}. */
  async setTime(
    { seconds, nseconds = 0 }: { seconds: number | bigint; nseconds?: number },
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    await this.connection.call(remote.domainSetTime, { dom: this.ref, seconds, nseconds, flags }, options);
  }

  /** See {@link SetUserPasswordFlags}. */
  async setUserPassword(user: string, password: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSetUserPassword, { dom: this.ref, user, password, flags }, options);
  }

  /** The lines of a user's `authorized_keys`. */
  async authorizedSSHKeysGet(user: string, options?: CallOptions): Promise<string[]> {
    return (await this.connection.call(remote.domainAuthorizedSshKeysGet, { dom: this.ref, user }, options)).keys;
  }

  /** See {@link AuthorizedSSHKeysFlags}. */
  async authorizedSSHKeysSet(user: string, keys: readonly string[], flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainAuthorizedSshKeysSet, { dom: this.ref, user, keys, flags }, options);
  }

  /** The guest's own view of its CPUs: `vcpus`, `online`, `offlinable`, as lists such as `0-3`. */
  async getGuestVcpus(options?: CallOptions): Promise<TypedParams> {
    return (await this.connection.call(remote.domainGetGuestVcpus, { dom: this.ref }, options)).params;
  }

  /** Has the guest switch CPUs on or off. */
  async setGuestVcpus(vcpus: Iterable<number>, enabled: boolean, options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, cpumap: [...vcpus].join(","), state: enabled ? 1 : 0 };
    await this.connection.call(remote.domainSetGuestVcpus, args, options);
  }

  /** Sets the seconds that libvirt waits for the agent, or an {@link AgentResponseTimeout}. */
  async agentSetResponseTimeout(seconds: number, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainAgentSetResponseTimeout, { dom: this.ref, timeout: seconds }, options);
  }
}
