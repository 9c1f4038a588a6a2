import { DomainCreateFlags } from "../constants/domain-flags.ts";
import { Domain } from "../domain/domain.ts";
import { connectProcedures } from "../protocol/connect.ts";
import { domainProcedures as remote } from "../protocol/domain.ts";
import type { DomainRef } from "../protocol/structs.ts";
import type { TypedParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { ConnectionHost } from "./connection-host.ts";

/** A selection of statistics and of domains. */
export interface DomainStatsQuery {
  /** {@link DomainStatsTypes}; all groups by default. */
  stats?: number;
  /** {@link GetAllDomainStatsFlags}. */
  flags?: number;
  /** The domains; all by default. */
  domains?: readonly DomainRef[];
}

/** The statistics of one domain, such as `cpu.time` and `block.0.rd.bytes`. */
export interface DomainStats {
  domain: Domain;
  params: TypedParams;
}

/** A connection's domains. */
export class ConnectionDomains extends ConnectionHost {
  /** All domains, running or not, or a selection by {@link ListAllDomainsFlags}. */
  async listAllDomains(flags = 0, options?: CallOptions): Promise<Domain[]> {
    const { domains } = await this.call(connectProcedures.connectListAllDomains, { needResults: 1, flags }, options);
    return domains.map((dom) => new Domain(this, dom));
  }

  /** Finds a domain by name. VIR_ERR_NO_DOMAIN if there is none. */
  async lookupByName(name: string, options?: CallOptions): Promise<Domain> {
    return new Domain(this, (await this.call(remote.domainLookupByName, { name }, options)).dom);
  }

  /** Finds a domain by UUID. VIR_ERR_NO_DOMAIN if there is none. */
  async lookupByUUID(uuid: string, options?: CallOptions): Promise<Domain> {
    return new Domain(this, (await this.call(remote.domainLookupByUuid, { uuid }, options)).dom);
  }

  /** Finds a running domain by its number. VIR_ERR_NO_DOMAIN if there is none. */
  async lookupByID(id: number, options?: CallOptions): Promise<Domain> {
    return new Domain(this, (await this.call(remote.domainLookupById, { id }, options)).dom);
  }

  /** Defines a domain, or changes its definition; see {@link DomainDefineFlags}. */
  async defineXML(xml: string, flags = 0, options?: CallOptions): Promise<Domain> {
    return new Domain(this, (await this.call(remote.domainDefineXmlFlags, { xml, flags }, options)).dom);
  }

  /**
   * Starts a transient domain, which vanishes when it stops; see {@link DomainCreateFlags}. With AUTODESTROY it lives
   * as long as this connection.
   */
  async createXML(xml: string, flags = 0, options?: CallOptions): Promise<Domain> {
    // libvirt destroys an AUTODESTROY domain with its connection, and a separate connection closes after the call.
    const apart = (flags & DomainCreateFlags.AUTODESTROY) === 0;
    return new Domain(this, (await this.call(remote.domainCreateXml, { xml, flags }, { ...options, apart })).dom);
  }

  /** Restores a domain from a file of `domain.save`; see {@link DomainSaveRestoreFlags}. */
  async restore(from: string, { dxml }: { dxml?: string } = {}, flags = 0, options?: CallOptions): Promise<void> {
    await this.call(remote.domainRestoreFlags, { from, dxml, flags }, options);
  }

  /** The domain's XML in a file of `domain.save`. */
  async saveImageGetXMLDesc(file: string, flags = 0, options?: CallOptions): Promise<string> {
    return (await this.call(remote.domainSaveImageGetXmlDesc, { file, flags }, options)).xml;
  }

  /** Statistics of many domains, by one call. */
  async getAllDomainStats(
    { stats = 0, flags = 0, domains = [] }: DomainStatsQuery = {},
    options?: CallOptions,
  ): Promise<DomainStats[]> {
    const args = { doms: domains, stats, flags };
    const records = (await this.call(connectProcedures.connectGetAllDomainStats, args, options)).stats;
    return records.map(({ dom, params }) => ({ domain: new Domain(this, dom), params }));
  }
}
