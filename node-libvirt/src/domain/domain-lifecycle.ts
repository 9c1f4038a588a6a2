import { DomainCoreDumpFormat, DomainCreateFlags, KeycodeSet, NodeSuspendTarget } from "../constants/domain-flags.ts";
import { domainProcedures as remote } from "../protocol/domain.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { DomainHandle } from "./domain-handle.ts";

/** The start, stop, save and similar operations of a domain. */
export class DomainLifecycle extends DomainHandle {
  /**
   * Starts the defined domain, `virDomainCreateWithFlags`; see {@link DomainCreateFlags}. With AUTODESTROY it lives as
   * long as this connection. VIR_ERR_OPERATION_INVALID if it runs already.
   */
  async create(flags = 0, options?: CallOptions): Promise<void> {
    // libvirt destroys an AUTODESTROY domain with its connection, and a separate connection closes after the call.
    const apart = (flags & DomainCreateFlags.AUTODESTROY) === 0;
    await this.connection.call(remote.domainCreateWithFlags, { dom: this.ref, flags }, { ...options, apart });
  }

  /** Asks the guest to shut down. Does not wait for it; see {@link DomainShutdownFlags}. */
  async shutdown(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainShutdownFlags, { dom: this.ref, flags }, options);
  }

  /** Asks the guest to reboot. Does not wait for it; see {@link DomainRebootFlags}. */
  async reboot(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainReboot, { dom: this.ref, flags }, options);
  }

  /** Presses the reset button. */
  async reset(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainReset, { dom: this.ref }, options);
  }

  /** Stops the domain by force; see {@link DomainDestroyFlags}. VIR_ERR_OPERATION_INVALID if it does not run. */
  async destroy(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainDestroyFlags, { dom: this.ref, flags }, options);
  }

  /** Stops the virtual CPUs. */
  async suspend(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSuspend, { dom: this.ref }, options);
  }

  /** Starts the virtual CPUs again. */
  async resume(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainResume, { dom: this.ref }, options);
  }

  /** Removes the definition; see {@link DomainUndefineFlags}. A running domain becomes transient. */
  async undefine(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainUndefineFlags, { dom: this.ref, flags }, options);
  }

  /** Saves memory and state to a file on the host and stops the domain; `connection.restore` restores it. */
  async save(to: string, { dxml }: { dxml?: string } = {}, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSaveFlags, { dom: this.ref, to, dxml, flags }, options);
  }

  /** Saves memory and state to a place of libvirt's choice and stops the domain; its next `create` continues. */
  async managedSave(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainManagedSave, { dom: this.ref, flags }, options);
  }

  /** Whether there is an image of `managedSave`. */
  async hasManagedSaveImage(options?: CallOptions): Promise<boolean> {
    const { result } = await this.connection.call(remote.domainHasManagedSaveImage, { dom: this.ref }, options);
    return result === 1;
  }

  /** Deletes the image of `managedSave`. */
  async managedSaveRemove(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainManagedSaveRemove, { dom: this.ref }, options);
  }

  /** Writes the guest's memory to a file on the host; see {@link DomainCoreDumpFlags}. */
  async coreDump(
    to: string,
    format: keyof typeof DomainCoreDumpFormat = "RAW",
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, to, format: DomainCoreDumpFormat[format], flags };
    await this.connection.call(remote.domainCoreDumpWithFormat, args, options);
  }

  /** Suspends the guest through its agent, to its memory or disk; `duration` in seconds must be 0 for QEMU. */
  async pmSuspendForDuration(
    target: keyof typeof NodeSuspendTarget,
    duration = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, target: NodeSuspendTarget[target], duration };
    await this.connection.call(remote.domainPmSuspendForDuration, args, options);
  }

  /** Wakes a guest that suspended itself. */
  async pmWakeup(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainPmWakeup, { dom: this.ref }, options);
  }

  /** Sends a non-maskable interrupt. */
  async injectNMI(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainInjectNmi, { dom: this.ref }, options);
  }

  /** Presses keys (at most 16) together for `holdtime` milliseconds. */
  async sendKey(
    keycodes: readonly number[],
    { codeset = "LINUX", holdtime = 50 }: { codeset?: keyof typeof KeycodeSet; holdtime?: number } = {},
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, codeset: KeycodeSet[codeset], holdtime, keycodes };
    await this.connection.call(remote.domainSendKey, args, options);
  }

  /** Renames a domain that is off. This object keeps the old name. */
  async rename(name: string, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainRename, { dom: this.ref, name }, options);
  }

  /** Whether the domain starts together with libvirtd. */
  async getAutostart(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainGetAutostart, { dom: this.ref }, options)).autostart === 1;
  }

  async setAutostart(autostart: boolean, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSetAutostart, { dom: this.ref, autostart: autostart ? 1 : 0 }, options);
  }
}
