import type { Caller } from "../caller.ts";
import { snapshotProcedures as remote } from "../protocol/domain-snapshot.ts";
import type { DomainRef } from "../protocol/structs.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";

interface SnapshotRef {
  name: string;
  dom: DomainRef;
}

/** A snapshot of a domain. */
export class DomainSnapshot {
  readonly connection: Caller;
  readonly name: string;
  /** The snapshot's domain. */
  readonly dom: DomainRef;

  constructor(connection: Caller, { name, dom }: SnapshotRef) {
    this.connection = connection;
    this.name = name;
    this.dom = dom;
  }

  async getXMLDesc(flags = 0, options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.domainSnapshotGetXmlDesc, { snap: this.#ref, flags }, options)).xml;
  }

  /** Reverts the domain to this snapshot; see {@link SnapshotRevertFlags}. */
  async revert(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainRevertToSnapshot, { snap: this.#ref, flags }, options);
  }

  /** See {@link SnapshotDeleteFlags}. */
  async delete(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSnapshotDelete, { snap: this.#ref, flags }, options);
  }

  /** The snapshot that this one is based on. VIR_ERR_NO_DOMAIN_SNAPSHOT if there is none. */
  async getParent(options?: CallOptions): Promise<DomainSnapshot> {
    const { snap } = await this.connection.call(remote.domainSnapshotGetParent, { snap: this.#ref }, options);
    return new DomainSnapshot(this.connection, snap);
  }

  /** The snapshots based on this one; see {@link SnapshotListFlags}. */
  async listAllChildren(flags = 0, options?: CallOptions): Promise<DomainSnapshot[]> {
    const args = { snap: this.#ref, needResults: 1, flags };
    const { snapshots } = await this.connection.call(remote.domainSnapshotListAllChildren, args, options);
    return snapshots.map((snap) => new DomainSnapshot(this.connection, snap));
  }

  async isCurrent(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainSnapshotIsCurrent, { snap: this.#ref }, options)).current === 1;
  }

  async hasMetadata(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainSnapshotHasMetadata, { snap: this.#ref }, options)).metadata === 1;
  }

  get #ref(): SnapshotRef {
    return { name: this.name, dom: this.dom };
  }
}
