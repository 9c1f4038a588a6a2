import { domainProcedures as remote } from "../protocol/domain.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { DomainDescription } from "./domain-description.ts";

/** A domain's devices. The flags of each method are {@link DomainDeviceModifyFlags}. */
export class DomainDevices extends DomainDescription {
  /** Plugs in the device described by the XML. */
  async attachDevice(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainAttachDeviceFlags, { dom: this.ref, xml, flags }, options);
  }

  /** Asks the guest to release a device. The device is gone after the event `deviceRemoved`. */
  async detachDevice(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainDetachDeviceFlags, { dom: this.ref, xml, flags }, options);
  }

  /** Like {@link detachDevice}, by the device's alias. Does not wait for the device. */
  async detachDeviceAlias(alias: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainDetachDeviceAlias, { dom: this.ref, alias, flags }, options);
  }

  /** Changes a device, for example the CD or the link state. */
  async updateDevice(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainUpdateDeviceFlags, { dom: this.ref, xml, flags }, options);
  }
}
