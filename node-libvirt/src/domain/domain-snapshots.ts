import { snapshotProcedures as remote } from "../protocol/domain-snapshot.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { DomainBlocks } from "./domain-blocks.ts";
import { DomainCheckpoint } from "./domain-checkpoint.ts";
import { DomainSnapshot } from "./domain-snapshot.ts";

/** A domain's snapshots, checkpoints and backup. */
export class DomainSnapshots extends DomainBlocks {
  /** See {@link SnapshotCreateFlags}. */
  async snapshotCreateXML(xml: string, flags = 0, options?: CallOptions): Promise<DomainSnapshot> {
    const { snap } = await this.connection.call(remote.domainSnapshotCreateXml, { dom: this.ref, xml, flags }, options);
    return new DomainSnapshot(this.connection, snap);
  }

  /** See {@link SnapshotListFlags}. */
  async listAllSnapshots(flags = 0, options?: CallOptions): Promise<DomainSnapshot[]> {
    const args = { dom: this.ref, needResults: 1, flags };
    const { snapshots } = await this.connection.call(remote.domainListAllSnapshots, args, options);
    return snapshots.map((snap) => new DomainSnapshot(this.connection, snap));
  }

  /** Finds a snapshot by name. VIR_ERR_NO_DOMAIN_SNAPSHOT if there is none. */
  async snapshotLookupByName(name: string, options?: CallOptions): Promise<DomainSnapshot> {
    const { snap } = await this.connection.call(remote.domainSnapshotLookupByName, { dom: this.ref, name }, options);
    return new DomainSnapshot(this.connection, snap);
  }

  async hasCurrentSnapshot(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.domainHasCurrentSnapshot, { dom: this.ref }, options)).result === 1;
  }

  /** The snapshot that the domain is based on now. VIR_ERR_NO_DOMAIN_SNAPSHOT if there is none. */
  async snapshotCurrent(options?: CallOptions): Promise<DomainSnapshot> {
    const { snap } = await this.connection.call(remote.domainSnapshotCurrent, { dom: this.ref }, options);
    return new DomainSnapshot(this.connection, snap);
  }

  /** See {@link CheckpointCreateFlags}. */
  async checkpointCreateXML(xml: string, flags = 0, options?: CallOptions): Promise<DomainCheckpoint> {
    const args = { dom: this.ref, xml, flags };
    const { checkpoint } = await this.connection.call(remote.domainCheckpointCreateXml, args, options);
    return new DomainCheckpoint(this.connection, checkpoint);
  }

  /** See {@link CheckpointListFlags}. */
  async listAllCheckpoints(flags = 0, options?: CallOptions): Promise<DomainCheckpoint[]> {
    const args = { dom: this.ref, needResults: 1, flags };
    const { checkpoints } = await this.connection.call(remote.domainListAllCheckpoints, args, options);
    return checkpoints.map((checkpoint) => new DomainCheckpoint(this.connection, checkpoint));
  }

  /** Finds a checkpoint by name. VIR_ERR_NO_DOMAIN_CHECKPOINT if there is none. */
  async checkpointLookupByName(name: string, options?: CallOptions): Promise<DomainCheckpoint> {
    const args = { dom: this.ref, name };
    const { checkpoint } = await this.connection.call(remote.domainCheckpointLookupByName, args, options);
    return new DomainCheckpoint(this.connection, checkpoint);
  }

  /** Starts a backup job, which ends with the event `jobCompleted`; see {@link BackupBeginFlags}. */
  async backupBegin(
    backupXml: string,
    { checkpointXml }: { checkpointXml?: string } = {},
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, backupXml, checkpointXml, flags };
    await this.connection.call(remote.domainBackupBegin, args, options);
  }

  /** The XML of the backup in progress. VIR_ERR_NO_DOMAIN_BACKUP if there is none. */
  async backupGetXMLDesc(options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.domainBackupGetXmlDesc, { dom: this.ref }, options)).xml;
  }
}
