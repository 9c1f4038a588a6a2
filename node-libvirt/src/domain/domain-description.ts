import type { DomainMetadataType } from "../constants/domain-event.ts";
import { DomainState } from "../constants/domain-state.ts";
import { domainProcedures as remote } from "../protocol/domain.ts";
import { type StateReason, stateReason } from "../protocol/lifecycle.ts";
import { type Name, nameOf } from "../protocol/names.ts";
import type { TypedParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { Out } from "../wire/shape.ts";
import { DomainLifecycle } from "./domain-lifecycle.ts";

/** The result of `getInfo`: memory in KiB, CPU time in nanoseconds. */
export interface DomainInfo {
  state: Name<typeof DomainState>;
  maxMem: number;
  memory: number;
  nrVirtCpu: number;
  cpuTime: bigint;
}

/** A domain's state, definition and metadata. */
export class DomainDescription extends DomainLifecycle {
  /** The domain's XML; see {@link DomainXMLFlags}. */
  async getXMLDesc(flags = 0, options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.domainGetXmlDesc, { dom: this.ref, flags }, options)).xml;
  }

  async getInfo(options?: CallOptions): Promise<DomainInfo> {
    const info = await this.connection.call(remote.domainGetInfo, { dom: this.ref }, options);
    return { ...info, state: nameOf(DomainState, info.state) };
  }

  /** The state and its reason. */
  async getState(options?: CallOptions): Promise<StateReason> {
    const { state, reason } = await this.connection.call(remote.domainGetState, { dom: this.ref }, options);
    return stateReason(state, reason);
  }

  /** Whether libvirt can talk to QEMU now, and for how many milliseconds this state has lasted. */
  async getControlInfo(options?: CallOptions): Promise<Out<typeof remote.domainGetControlInfo.returns>> {
    return this.connection.call(remote.domainGetControlInfo, { dom: this.ref }, options);
  }

  /** Whether the domain is active, paused or not. */
  async isActive(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainIsActive, { dom: this.ref }, options)).active === 1;
  }

  /** Whether it is defined, so that it survives its stop. */
  async isPersistent(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainIsPersistent, { dom: this.ref }, options)).persistent === 1;
  }

  /** Whether its definition has changed since its start. */
  async isUpdated(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainIsUpdated, { dom: this.ref }, options)).updated === 1;
  }

  /** Usually `hvm`. */
  async getOSType(options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.domainGetOsType, { dom: this.ref }, options)).type;
  }

  /** Deprecations and taints noted by libvirt. */
  async getMessages(flags = 0, options?: CallOptions): Promise<string[]> {
    return (await this.connection.call(remote.domainGetMessages, { dom: this.ref, flags }, options)).messages;
  }

  /**
   * The title, the description, or the element of the namespace `uri`. VIR_ERR_NO_DOMAIN_METADATA if there is none.
   * `flags` are {@link DomainModificationImpact}.
   */
  async getMetadata(
    type: keyof typeof DomainMetadataType,
    uri?: string,
    flags = 0,
    options?: CallOptions,
  ): Promise<string> {
    const args = { dom: this.ref, type, uri, flags };
    return (await this.connection.call(remote.domainGetMetadata, args, options)).metadata;
  }

  /** Sets the value that `getMetadata` reads; undefined removes it. An ELEMENT has a `key` (its prefix) and a `uri`. */
  async setMetadata(
    type: keyof typeof DomainMetadataType,
    metadata: string | undefined,
    { key, uri }: { key?: string; uri?: string } = {},
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    await this.connection.call(remote.domainSetMetadata, { dom: this.ref, type, metadata, key, uri, flags }, options);
  }

  /** The measurements for a confidential guest's owner, such as `sev-measurement`. */
  async getLaunchSecurityInfo(options?: CallOptions): Promise<TypedParams> {
    return (await this.connection.call(remote.domainGetLaunchSecurityInfo, { dom: this.ref }, options)).params;
  }
}
