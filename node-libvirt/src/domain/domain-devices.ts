import { domainProcedures as remote } from "../protocol/domain.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { DomainDescription } from "./domain-description.ts";

/** A domain's devices. The flags of each method are {@link DomainDeviceModifyFlags}. */
export class DomainDevices extends DomainDescription {
  /** Plugs in the device that the XML describes. */
  async attachDevice(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainAttachDeviceFlags, { dom: this.ref, xml, flags }, options);
  }

  /** Asks the guest to let go of a device; it is gone when `deviceRemoved` says so. */
  async detachDevice(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainDetachDeviceFlags, { dom: this.ref, xml, flags }, options);
  }

  /** As {@link detachDevice}, by the device's alias; it is not waited for. */
  async detachDeviceAlias(alias: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainDetachDeviceAlias, { dom: this.ref, alias, flags }, options);
  }

  /** Changes a device: another CD, another link state. */
  async updateDevice(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainUpdateDeviceFlags, { dom: this.ref, xml, flags }, options);
  }
}
