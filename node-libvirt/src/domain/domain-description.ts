import type { DomainMetadataType } from "../constants/domain-event.ts";
import { DomainState } from "../constants/domain-state.ts";
import { domainProcedures as remote } from "../protocol/domain.ts";
import { type StateReason, stateReason } from "../protocol/lifecycle.ts";
import { type Name, nameOf } from "../protocol/names.ts";
import type { TypedParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { Out } from "../wire/shape.ts";
import { DomainLifecycle } from "./domain-lifecycle.ts";

/** What `getInfo` says: memory in KiB, CPU time in nanoseconds. */
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

  /** The state and why it is so. */
  async getState(options?: CallOptions): Promise<StateReason> {
    const { state, reason } = await this.connection.call(remote.domainGetState, { dom: this.ref }, options);
    return stateReason(state, reason);
  }

  /** Whether libvirt can talk to QEMU now, and for how many milliseconds it has been so. */
  async getControlInfo(options?: CallOptions): Promise<Out<typeof remote.domainGetControlInfo.returns>> {
    return this.connection.call(remote.domainGetControlInfo, { dom: this.ref }, options);
  }

  /** Whether it runs, paused or not. */
  async isActive(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainIsActive, { dom: this.ref }, options)).active === 1;
  }

  /** Whether it is defined, and so outlives its stop. */
  async isPersistent(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainIsPersistent, { dom: this.ref }, options)).persistent === 1;
  }

  /** Whether its definition has been changed since it was started. */
  async isUpdated(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainIsUpdated, { dom: this.ref }, options)).updated === 1;
  }

  /** `hvm` as a rule. */
  async getOSType(options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.domainGetOsType, { dom: this.ref }, options)).type;
  }

  /** Deprecations and taints that libvirt has noted. */
  async getMessages(flags = 0, options?: CallOptions): Promise<string[]> {
    return (await this.connection.call(remote.domainGetMessages, { dom: this.ref, flags }, options)).messages;
  }

  /**
   * The title, description, or the element of the namespace `uri`; VIR_ERR_NO_DOMAIN_METADATA if there is none.
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

  /** Sets what `getMetadata` reads, or removes it (undefined); an ELEMENT has a `key` (its prefix) and a `uri`. */
  async setMetadata(
    type: keyof typeof DomainMetadataType,
    metadata: string | undefined,
    { key, uri }: { key?: string; uri?: string } = {},
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    await this.connection.call(remote.domainSetMetadata, { dom: this.ref, type, metadata, key, uri, flags }, options);
  }

  /** What a confidential guest's owner measures, such as `sev-measurement`. */
  async getLaunchSecurityInfo(options?: CallOptions): Promise<TypedParams> {
    return (await this.connection.call(remote.domainGetLaunchSecurityInfo, { dom: this.ref }, options)).params;
  }
}
